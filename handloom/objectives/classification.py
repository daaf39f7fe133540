"""Classification of images by weighted cross-entropy."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.ema import EMA
from handloom.engine.objective import Batch, Loss, Objective, Phase
from handloom.metrics.classification import classification_metrics


class Classification(Objective):
    """Minimises -w[label] log softmax(network(augment(image)))[label], weighted mean of a batch.

    Batch fields: `image` float (B, C, H, W) in [0, 1] and `label` int64 (B,); while training also
    `aspect` float (B,), width to height, where `image` holds whole images that are stretched.
    Phase `network`: every parameter of the network.

    network: image -> logits (B, K).
    augment: image, and `aspect` where there is one, -> image as the network takes it, while
        training.
    label_smoothing: share of the target spread over all classes (Szegedy et al. 2016,
        arXiv:1512.00567).
    ema_decay: of the EMA that is evaluated and saved; None takes the network itself.
    ema_share: share of the way from the weights at the beginning that the EMA follows them.
    weight: of every class, float (K,); None weighs them equally.
    mixup: alpha of Beta(alpha, alpha), from which the share of a batch's own images in a mixture
        with others is drawn (Zhang et al. 2018, arXiv:1710.09412); 0 mixes nothing.
    field: the batch field that the network reads, where it is not `image`.
    """

    weight: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        augment: nn.Module | None = None,
        label_smoothing: float = 0.0,
        ema_decay: float | None = None,
        weight: Tensor | None = None,
        mixup: float = 0.0,
        field: str = "image",
        ema_share: float = 1.0,
    ) -> None:
        super().__init__()
        self.network, self.augment, self.field = network, augment, field
        self.mixup = mixup
        self.label_smoothing = label_smoothing
        self.register_buffer("weight", weight, persistent=False)
        self.ema = None if ema_decay is None else EMA(network, ema_decay, ema_share)

    @property
    def eval_model(self) -> nn.Module:
        """The network that is evaluated and saved."""
        return self.network if self.ema is None else self.ema.module

    def phases(self) -> list[Phase]:
        parameters = list(self.network.parameters())
        row_weight = None if self.weight is None else self.row_weight
        return [Phase("network", self.loss, parameters, ema=self.ema, row_weight=row_weight)]

    def row_weight(self, batch: Batch) -> Tensor:
        """What every row weighs in the loss of a batch, (B,)."""
        assert self.weight is not None
        return self.weight[batch["label"]]

    def loss(self, batch: Batch) -> Loss:
        image, label = batch[self.field], batch["label"]
        if self.augment is not None:
            image = self.augment(image, *(batch[name] for name in ("aspect",) if name in batch))
        share = image.new_ones(())
        if self.mixup:
            share = _beta(self.mixup, image.device)
            image = torch.lerp(image.flip(0), image, share)
        logits = self.network(image).float()  # (B, K)
        loss = self._cross_entropy(logits, label)
        if self.mixup:
            loss = torch.lerp(self._cross_entropy(logits, label.flip(0)), loss, share)
        correct = logits.detach().argmax(1) == label
        return loss, {"accuracy": correct.float().mean()}

    def _cross_entropy(self, logits: Tensor, label: Tensor) -> Tensor:
        share = self.label_smoothing
        return F.cross_entropy(logits, label, self.weight, label_smoothing=share)

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"logits": self.eval_model(batch[self.field]).float(), "label": batch["label"]}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return classification_metrics(outputs["logits"], outputs["label"])


def _beta(alpha: float, device: torch.device) -> Tensor:
    """A 0-dim sample of Beta(alpha, alpha), from the default generator, without waiting."""
    gamma = torch._standard_gamma(torch.full((2,), alpha, device=device))
    return gamma[0] / gamma.sum()
