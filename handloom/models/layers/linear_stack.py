"""Linear layers in a row, with an activation between them."""

import itertools
from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn


class Stack(nn.Module):
    """Linear, activation, linear, ..., linear.

    widths: of the input, of the layers between, of the output; classes: K of a conditional stack,
    whose label joins the input as K more numbers, one of them 1.
    forward: (B, widths[0]), label int64 (B,) or None, to (B, widths[-1]).
    """

    def __init__(
        self,
        widths: Sequence[int],
        activation: Literal["relu", "silu"] = "relu",
        classes: int = 0,
    ) -> None:
        super().__init__()
        pairs = itertools.pairwise(widths)
        self.layers = nn.ModuleList(nn.Linear(before, after) for before, after in pairs)
        self.activation = ACTIVATIONS[activation]()
        self.label = nn.Embedding(classes, widths[1]) if classes else None

    def forward(self, given: Tensor, label: Tensor | None = None) -> Tensor:
        given = self.layers[0](given)
        if self.label is not None:
            given = given + rows_of(self.label, label)
        for layer in self.layers[1:]:
            given = layer(self.activation(given))
        return given


def rows_of(table: nn.Embedding, label: Tensor | None) -> Tensor:
    """A row for every label, (B, width); a ValueError where a conditional network has none."""
    if label is None:
        raise ValueError("a conditional network needs the label of every image")
    rows: Tensor = table(label)
    return rows


ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "silu": nn.SiLU}
