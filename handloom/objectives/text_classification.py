"""Classification of texts by weighted cross-entropy."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.objective import Batch, Loss, Objective, Phase, nothing, trainable
from handloom.metrics.classification import classification_metrics


class TextClassification(Objective):
    """Minimises -w[label] log softmax(network(tokens, length))[label], weighted mean of a batch.

    Batch fields: `tokens` int64 (B, T), `length` int64 (B,), `label` int64 (B,). Phase `network`:
    every parameter that is not frozen.

    network: (tokens, length) -> logits (B, K); weight: of every class, float (K,), or None.
    label_smoothing: share of the target spread over all classes. project: called after an update.
    """

    weight: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        weight: Tensor | None = None,
        label_smoothing: float = 0.0,
        project: Callable[[], None] = nothing,
    ) -> None:
        super().__init__()
        self.network, self.project = network, project
        self.label_smoothing = label_smoothing
        self.register_buffer("weight", weight, persistent=False)

    def phases(self) -> list[Phase]:
        parameters = trainable(list(self.network.parameters()))
        row_weight = None if self.weight is None else self.row_weight
        return [
            Phase("network", self.loss, parameters, project=self.project, row_weight=row_weight)
        ]

    def row_weight(self, batch: Batch) -> Tensor:
        """What every row weighs in the loss of a batch, (B,)."""
        assert self.weight is not None
        return self.weight[batch["label"]]

    def loss(self, batch: Batch) -> Loss:
        logits, label = self._logits(batch), batch["label"]
        loss = F.cross_entropy(logits, label, self.weight, label_smoothing=self.label_smoothing)
        return loss, {"accuracy": (logits.detach().argmax(1) == label).float().mean()}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        return {"logits": self._logits(batch), "label": batch["label"]}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return classification_metrics(outputs["logits"], outputs["label"])

    def _logits(self, batch: Batch) -> Tensor:
        logits: Tensor = self.network(batch["tokens"], batch["length"])
        return logits.float()  # (B, K)
