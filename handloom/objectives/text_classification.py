"""Classification of texts by weighted cross-entropy."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.objective import Batch, Loss, Objective, Phase, nothing, trainable
from handloom.objectives.classification import expected_calibration_error


class TextClassification(Objective):
    """Minimises -w[label] log softmax(network(tokens, length))[label], weighted mean of a batch.

    Batch fields: `tokens` int64 (B, T), `length` int64 (B,), `label` int64 (B,). Phase `network`:
    every parameter that is not frozen.

    network: (tokens, length) -> logits (B, K); weight: of every class, float (K,), or None.
    smoothing: share of the target spread over all classes. project: called after every update.
    """

    weight: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        weight: Tensor | None = None,
        smoothing: float = 0.0,
        project: Callable[[], None] = nothing,
    ) -> None:
        super().__init__()
        self.network, self.smoothing, self.project = network, smoothing, project
        self.register_buffer("weight", weight, persistent=False)

    def phases(self) -> list[Phase]:
        learnt = trainable(list(self.network.parameters()))
        return [Phase("network", self.loss, learnt, project=self.project)]

    def loss(self, batch: Batch) -> Loss:
        logits, label = self._logits(batch), batch["label"]
        loss = F.cross_entropy(logits, label, self.weight, label_smoothing=self.smoothing)
        return loss, {"accuracy": (logits.detach().argmax(1) == label).float().mean()}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"logits": self._logits(batch), "label": batch["label"]}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return text_metrics(outputs["logits"], outputs["label"])

    def _logits(self, batch: Batch) -> Tensor:
        logits: Tensor = self.network(batch["tokens"], batch["length"])
        return logits.float()  # (B, K)


def text_metrics(logits: Tensor, label: Tensor) -> dict[str, Tensor]:
    """accuracy, balanced accuracy (mean over the classes there are), loss in nats and calibration
    error over a set: logits (N, K), label (N,)."""
    right = (logits.argmax(1) == label).float()
    count = torch.bincount(label, minlength=logits.shape[1])
    per_class = torch.bincount(label, right, minlength=logits.shape[1]) / count.clamp(min=1)
    return {
        "accuracy": right.mean(),
        "balanced_accuracy": per_class.sum() / (count > 0).sum(),
        "loss": F.cross_entropy(logits, label),
        "calibration": expected_calibration_error(logits, label),
    }
