"""Classification of images by weighted cross-entropy."""

from torch import Tensor, nn

from handloom.engine.ema import EMA
from handloom.engine.objective import Batch, Loss, Objective, Phase
from handloom.metrics.classification import classification_metrics
from handloom.objectives.weighting import weighted_cross_entropy


class Classification(Objective):
    """Minimises -w[label] log softmax(network(augment(image)))[label], its mean over a batch.

    Batch fields: `image` float (B, C, H, W) in [0, 1] and `label` int64 (B,).
    Phase `network`: every parameter of the network.

    network: image -> logits (B, K).
    augment: image -> image of the same shape, while training.
    label_smoothing: share of the target spread over all classes (Szegedy et al. 2016,
        arXiv:1512.00567).
    ema_decay: of the EMA that is evaluated and saved; None takes the network itself.
    weight: of every class, float (K,); None weighs them equally.
    """

    weight: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        augment: nn.Module | None = None,
        label_smoothing: float = 0.0,
        ema_decay: float | None = None,
        weight: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.network, self.augment = network, augment
        self.label_smoothing = label_smoothing
        self.register_buffer("weight", weight, persistent=False)
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
        label, smoothing = batch["label"], self.label_smoothing
        loss = weighted_cross_entropy(logits, label, self.weight, smoothing)
        correct = logits.detach().argmax(1) == label
        return loss, {"accuracy": correct.float().mean()}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"logits": self.eval_model(batch["image"]).float(), "label": batch["label"]}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return classification_metrics(outputs["logits"], outputs["label"])
