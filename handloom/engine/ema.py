"""Exponential moving averages of a network's weights (Polyak and Juditsky 1992)."""

import copy

import torch
from torch import Tensor, nn


class EMA(nn.Module):
    """A frozen copy of `source` that follows it: ema += (1 - decay) * (weights - ema).

    Or that follows it a part of the way from where it began, w0 + share * (weights - w0), which is
    the same as to interpolate between w0 and the average (WiSE-FT: Wortsman et al. 2022,
    arXiv:2109.01903, eq. 1): what fine-tuning adds is taken in part, what was known stays in part.

    The decay warms up as min(decay, (1 + n) / (10 + n)) over n updates, as TensorFlow's
    ExponentialMovingAverage does, so a short run is not held back by its random start. Buffers,
    such as batch-norm statistics, are copied. The update counter is a tensor, so an update can be
    replayed inside a recorded graph.

    source: the network followed; it is not registered here and keeps its own place.
    decay: in [0, 1); 0.999 remembers about 1,000 updates, 0 none but the last.
    share: in (0, 1]; below 1 the statistics of batch norms, which are copied, must stand still.

    Parameters that ask for no gradients when it is made are taken to stand still.
    """

    updates: Tensor

    def __init__(self, source: nn.Module, decay: float, share: float = 1.0) -> None:
        super().__init__()
        self.module = copy.deepcopy(source).requires_grad_(False).eval()
        self._source = [source]  # in a list, so that it is not a submodule of its own copy
        self.decay, self.share = decay, share
        self._moving = [p.requires_grad for p in source.parameters()]
        if share < 1:  # buffers: a checkpoint has them, and a resumed run begins elsewhere
            for number, parameter in enumerate(self._of(source)):
                self.register_buffer(f"start_{number}", parameter.detach().clone())
        device = next(source.parameters()).device
        self.register_buffer("updates", torch.zeros((), device=device))

    @torch.no_grad()
    def update(self) -> None:
        """Move towards the source by one step, without waiting for the device."""
        self.updates += 1
        weight = 1 - ((1 + self.updates) / (10 + self.updates)).clamp(max=self.decay)
        averaged, followed = self._of(self.module), self._of(self._source[0])
        if self.share < 1:
            start = [self.get_buffer(f"start_{number}") for number in range(len(followed))]
            followed = list(torch._foreach_lerp(start, followed, self.share))
        # Not _foreach_lerp_, which reads a tensor weight on the host.
        away = list(torch._foreach_sub(followed, averaged))
        torch._foreach_mul_(away, weight)
        torch._foreach_add_(averaged, away)
        for mine, theirs in zip(self.module.buffers(), self._source[0].buffers(), strict=True):
            mine.copy_(theirs)

    def _of(self, module: nn.Module) -> list[Tensor]:
        """The parameters that move, of the source or of its copy."""
        return [p for p, moves in zip(module.parameters(), self._moving, strict=True) if moves]

    def train(self, mode: bool = True) -> "EMA":
        """The copy is always in evaluation mode."""
        return super().train(False)
