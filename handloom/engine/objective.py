"""The contract between a job and the engine: batches, losses, phases and objectives."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor, nn

from handloom.engine.ema import EMA

Batch = dict[str, Tensor]
"""Named tensors of one step.

Fields have one meaning everywhere: `image` float (B, C, H, W) in [0, 1]; `aspect` float (B,), width
to height of images before they were stretched; `label` int64 (B,); `tokens` and `target` int64
(B, T); `length` int64 (B,); `first` bool (B,), true where a sequence begins and carried state must
be forgotten; `text` int64 (B, T). A source refills the *same* tensors at every step, so whoever
keeps one beyond the step must clone it.
"""

Loss = tuple[Tensor, dict[str, Tensor]]
"""A scalar to minimise, and scalars to log (any device, detached or not)."""


def nothing() -> None:
    """Project onto the whole space: the default of `Phase.project`."""


@dataclass(frozen=True)
class Phase:
    """What one network learns in a step: a loss, and the parameters it may change.

    name: key of the optimizer and prefix of the logs where an objective has several phases.
    loss: batch -> (scalar, logs); free of effects except on buffers, written with `copy_`.
    parameters: what this loss changes, and nothing else; others' gradients are not even computed.
    every: the phase takes part in every n-th step (n_critic in Arjovsky et al. 2017).
    project: called after the update, puts parameters back onto their constraint set.
    ema: a moving average of a network's weights, updated after every update of this phase.
    row_weight: batch -> what every row weighs in the loss, (B,), where that is a weighted mean;
        None where all weigh the same. Micro-batches are put together by it.
    """

    name: str
    loss: Callable[[Batch], Loss]
    parameters: list[nn.Parameter]
    every: int = 1
    project: Callable[[], None] = nothing
    ema: EMA | None = None
    row_weight: Callable[[Batch], Tensor] | None = None


class Objective(nn.Module, ABC):
    """Networks, and what is minimised over them.

    A final subclass holds its networks as submodules and defines how they are trained (`phases`)
    and evaluated (`outputs` over each batch, `metrics` over the whole set). Carried state, such as
    the hidden state of a recurrent network, lives in buffers registered with `persistent=False`:
    they are not part of the saved weights, but they are part of a checkpoint.
    """

    def __init__(self) -> None:
        super().__init__()
        self._frozen_norms: list[nn.Module] = []  # a plain list: they are registered elsewhere

    def freeze_batch_norms(self, module: nn.Module) -> None:
        """Batch norms of `module` stay in evaluation mode while training, from now on.

        For fine-tuning: they normalise with the statistics they were trained with, and keep them.
        Their weight and bias still learn where a phase has them.
        """
        self._frozen_norms += batch_norms(module)
        for norm in self._frozen_norms:
            norm.eval()

    def train(self, mode: bool = True) -> Self:
        """As any module does, except that frozen batch norms stay in evaluation mode."""
        super().train(mode)
        for norm in self._frozen_norms:
            norm.eval()
        return self

    @abstractmethod
    def phases(self) -> list[Phase]:
        """What learns in a step, in order."""

    @abstractmethod
    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        """What the metrics need of one batch, per example: every tensor begins with B."""

    @abstractmethod
    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Scalars over a whole set, from `outputs` concatenated to (N, ...)."""


class Source(Protocol):
    """Where batches come from, in an order that depends on the seed and the epoch alone."""

    @property
    def steps(self) -> int:
        """Batches in an epoch."""

    @property
    def batch_size(self) -> int:
        """Examples in a full batch."""

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from number `start` on, always in the same tensors."""


def batch_norms(module: nn.Module) -> list[nn.modules.batchnorm._BatchNorm]:
    """All batch norms of a module."""
    return [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]


def held_buffers(module: nn.Module) -> dict[str, Tensor]:
    """All buffers by name, the non-persistent ones too."""
    return dict(module.named_buffers())


class freeze_bn_stats:
    """A context in which batch norms of `module` use the batch's statistics but do not learn them.

    For adversarial training: the running statistics of one network must not move while the other
    learns.
    """

    def __init__(self, module: nn.Module) -> None:
        self._norms = batch_norms(module)

    def __enter__(self) -> None:
        self._was = [norm.track_running_stats for norm in self._norms]
        for norm in self._norms:
            # In training mode torch then normalises with the batch and leaves the buffers alone;
            # momentum = 0 would still count `num_batches_tracked`.
            norm.track_running_stats = not norm.training and norm.track_running_stats

    def __exit__(self, *_: object) -> None:
        for norm, was in zip(self._norms, self._was, strict=True):
            norm.track_running_stats = was


def trainable(parameters: list[nn.Parameter]) -> list[nn.Parameter]:
    """The parameters that ask for gradients, once each."""
    return list({id(p): p for p in parameters if p.requires_grad}.values())


def finite(tensors: list[Tensor]) -> bool:
    """Whether every number in `tensors` is finite; waits for the device once."""
    checks = [t.detach().isfinite().all() for t in tensors if t.is_floating_point()]
    return bool(torch.stack([c.to(checks[0].device) for c in checks]).all()) if checks else True
