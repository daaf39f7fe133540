"""Learning a filter: how far a convolution of one image is from another."""

from typing import Literal

import torch
from torch import Tensor, nn

from handloom.engine.objective import Batch, Loss, Objective, Phase

MOST_LOGGED = 32  # weights of a kernel that are logged one by one


class FilterFit(Objective):
    """Minimises the sum, or the mean, of (filter(before) - after)^2 over the pixels that count.

    The loss is quadratic in the kernel. Gradient descent with rate lr therefore multiplies the
    error along each eigenvector of the Hessian by 1 - lr * eigenvalue in every step.

    Batch fields: `before` (B, C, H, W); `after` (B, O, H', W'), of the filter's output size;
    `counts` (B, 1, H', W'), 1 for pixels that count and 0 for others.
    Phase `filter`: every parameter of the filter.

    filter: image -> image. reduction: sum, or mean over pixels and channels that count.
    Metrics: `loss`, the same over a whole set. Logs: a small kernel's weights, as they were when
    the loss was taken, as `kernel_0`, `kernel_1`, ... row by row.
    """

    def __init__(self, filter: nn.Module, reduction: Literal["mean", "sum"] = "mean") -> None:
        super().__init__()
        self.filter, self.reduction = filter, reduction

    def phases(self) -> list[Phase]:
        return [Phase("filter", self.loss, list(self.filter.parameters()))]

    def loss(self, batch: Batch) -> Loss:
        squares, numbers = self.squares(batch)
        total = squares.sum()
        return total if self.reduction == "sum" else total / numbers.sum(), self._weights()

    def squares(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Sum of squared errors of each image, and of how many numbers: (B,) both."""
        away = (self.filter(batch["before"]) - batch["after"]) * batch["counts"]  # (B, O, H', W')
        numbers = batch["counts"].flatten(1).sum(1) * away.shape[1]
        return away.square().flatten(1).sum(1), numbers

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        squares, numbers = self.squares(batch)
        return {"squares": squares, "numbers": numbers}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        total = outputs["squares"].double().sum()
        return {"loss": total if self.reduction == "sum" else total / outputs["numbers"].sum()}

    def _weights(self) -> dict[str, Tensor]:
        weights = torch.cat([p.detach().flatten() for p in self.filter.parameters()])
        if len(weights) > MOST_LOGGED:
            return {}
        return {f"kernel_{i}": weight for i, weight in enumerate(weights)}
