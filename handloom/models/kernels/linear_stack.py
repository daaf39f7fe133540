"""Linear layers in a row, on CPUs as one autograd function."""

import itertools
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from handloom.models import kernels

LARGE = 16384  # weights, from which bfloat16 is faster: 64 x 128 takes 18 us in float32, 21 in it


class Stack(nn.Module):
    """Linear, activation, linear, ..., linear.

    widths: of the input, of what is between, of the answer; classes: K of a conditional stack,
    whose label joins the input as K more numbers, one of them 1.
    forward: (B, widths[0]), label int64 (B,) or None, to (B, widths[-1]).

    With ReLU on a CPU one autograd function does it all: small networks spend more time between
    products than in them (784-128-64-12-3 and back: 0.75 ms a step instead of 1.5 on one core).
    Under autocast it rounds large layers to bfloat16, as autocast does, and leaves small ones in
    float32, where that is faster.
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
        is_plain = self.label is None and isinstance(self.activation, nn.ReLU)
        if kernels.enabled and is_plain and given.device.type == "cpu":
            low = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else None
            found: Tensor = _Stack.apply(given, low, *self.layers.parameters())
            return found
        given = self.layers[0](given)
        if self.label is not None:
            given = given + rows_of(self.label, label)
        for layer in self.layers[1:]:
            given = layer(self.activation(given))
        return given


def rows_of(table: nn.Embedding, label: Tensor | None) -> Tensor:
    """A row for every label, (B, width); a ValueError where a conditional network has none."""
    if label is None:
        raise ValueError("the network is conditional: a label is needed for every image")
    rows: Tensor = table(label)
    return rows


class _Stack(torch.autograd.Function):
    """Linear layers with ReLU between; parameters: weight, bias, weight, bias, ..."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, low: torch.dtype | None, *parameters: Tensor) -> Tensor:
        weights, biases = parameters[::2], parameters[1::2]
        inputs, rounded = list[Tensor](), list[Tensor]()
        with torch.autocast("cpu", enabled=False):
            for weight, bias in zip(weights, biases, strict=True):
                if inputs:
                    given = given.clamp_min_(0)
                dtype = low if low and weight.numel() >= LARGE else torch.float32
                inputs.append(given.to(dtype))
                rounded.append(weight.to(dtype))
                given = torch.addmm(bias.to(dtype), inputs[-1], rounded[-1].t())
        ctx.save_for_backward(*inputs, *rounded)
        return given

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        count = len(ctx.saved_tensors) // 2
        found: list[Tensor] = []
        for i in reversed(range(count)):
            given, weight = ctx.saved_tensors[i], ctx.saved_tensors[count + i]
            gradient = gradient.to(given.dtype)
            found += [gradient.sum(0).float(), torch.mm(gradient.t(), given).float()]
            if i or ctx.needs_input_grad[0]:
                gradient = torch.mm(gradient, weight)
            if i:  # what ReLU let through is above 0
                gradient = torch.ops.aten.threshold_backward(gradient, given, 0)
        first = gradient.float() if ctx.needs_input_grad[0] else None
        return (first, None, *reversed(found))


ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "silu": nn.SiLU}
