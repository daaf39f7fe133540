"""Classification by cross-entropy."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.ema import EMA
from handloom.engine.objective import Batch, Loss, Objective, Phase


class Classification(Objective):
    """Minimises -log softmax(network(augment(image)))[label], averaged over the batch.

    Batch fields: `image` float (B, C, H, W) in [0, 1] and `label` int64 (B,).
    Phase `network`: every parameter of the network.

    network: image -> logits (B, K).
    augment: image -> image of the same shape, while training.
    label_smoothing: share of the target spread over all classes (Szegedy et al. 2016,
        arXiv:1512.00567).
    ema_decay: of the EMA that is evaluated and saved; None takes the network itself.
    """

    def __init__(
        self,
        network: nn.Module,
        augment: nn.Module | None = None,
        label_smoothing: float = 0.0,
        ema_decay: float | None = None,
    ) -> None:
        super().__init__()
        self.network, self.augment = network, augment
        self.label_smoothing = label_smoothing
        self.ema = EMA(network, ema_decay) if ema_decay is not None else None

    @property
    def eval_model(self) -> nn.Module:
        """The network that is evaluated and saved."""
        return self.network if self.ema is None else self.ema.module

    def phases(self) -> list[Phase]:
        return [Phase("network", self.loss, list(self.network.parameters()), ema=self.ema)]

    def loss(self, batch: Batch) -> Loss:
        image = batch["image"] if self.augment is None else self.augment(batch["image"])
        logits = self.network(image).float()  # (B, K)
        loss = F.cross_entropy(logits, batch["label"], label_smoothing=self.label_smoothing)
        correct = logits.detach().argmax(1) == batch["label"]
        return loss, {"accuracy": correct.float().mean()}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"logits": self.eval_model(batch["image"]).float(), "label": batch["label"]}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return classification_metrics(outputs["logits"], outputs["label"])


def classification_metrics(logits: Tensor, label: Tensor) -> dict[str, Tensor]:
    """loss (nats, mean), accuracy in [0, 1] and calibration error over a set, (N, K) and (N,)."""
    return {
        "loss": F.cross_entropy(logits, label),
        "accuracy": (logits.argmax(1) == label).float().mean(),
        "calibration": expected_calibration_error(logits, label),
    }


def expected_calibration_error(logits: Tensor, label: Tensor, bins: int = 15) -> Tensor:
    """Mean gap between confidence and accuracy over equal bins (Guo et al. 2017, arXiv:1706.04599).

    logits (N, K), label (N,) -> scalar in [0, 1].
    """
    confidence, predicted = logits.softmax(1).max(1)
    correct = (predicted == label).float()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    gap = torch.zeros(bins, device=logits.device).scatter_add_(0, bin_of, confidence - correct)
    return gap.abs().sum() / len(label)


def per_class(
    classes: list[str], predicted: Tensor, label: Tensor, unit: str
) -> dict[str, dict[str, float]]:
    """Of every class that occurs: how many (under the name `unit`) and the accuracy in [0, 1].

    predicted, label: int64 (N,), places in `classes`.
    """
    figures = {}
    for i, name in enumerate(classes):
        of_class = label == i
        if of_class.any():
            accuracy = (predicted[of_class] == i).float().mean().item()
            figures[name] = {unit: int(of_class.sum()), "accuracy": round(accuracy, 6)}
    return figures
