"""Exponential moving averages of a network's weights (Polyak and Juditsky 1992)."""

import copy

import torch
from torch import Tensor, nn


class EMA(nn.Module):
    """A frozen copy of `source` that follows it: ema += (1 - decay) * (weights - ema).

    The decay warms up as min(decay, (1 + n) / (10 + n)) over n updates, as TensorFlow's
    ExponentialMovingAverage does, so a short run is not held back by its random start. Buffers,
    such as batch-norm statistics, are copied. The update counter is a tensor, so an update can be
    replayed inside a recorded graph.

    source: the network followed; it is not registered here and keeps its own place.
    decay: in [0, 1); 0.999 remembers about 1,000 updates.
    """

    updates: Tensor

    def __init__(self, source: nn.Module, decay: float) -> None:
        super().__init__()
        self.module = copy.deepcopy(source).requires_grad_(False).eval()
        self._source = [source]  # in a list, so that it is not a submodule of its own copy
        self.decay = decay
        device = next(source.parameters()).device
        self.register_buffer("updates", torch.zeros((), device=device))

    @torch.no_grad()
    def update(self) -> None:
        """Move towards the source by one step, without waiting for the device."""
        self.updates += 1
        weight = 1 - ((1 + self.updates) / (10 + self.updates)).clamp(max=self.decay)
        averaged: list[Tensor] = list(self.module.parameters())
        followed: list[Tensor] = list(self._source[0].parameters())
        # Not _foreach_lerp_, which reads a tensor weight on the host.
        away = list(torch._foreach_sub(followed, averaged))
        torch._foreach_mul_(away, weight)
        torch._foreach_add_(averaged, away)
        for mine, theirs in zip(self.module.buffers(), self._source[0].buffers(), strict=True):
            mine.copy_(theirs)

    def train(self, mode: bool = True) -> "EMA":
        """The copy is always in evaluation mode."""
        return super().train(False)
