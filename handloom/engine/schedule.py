"""Values that change while training: pure functions of the fraction done, written into tensors."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

from handloom.engine.optim import Optimizer

Schedule = Callable[[float], float]
"""fraction of the training done, in [0, 1] -> factor, usually in [0, 1]."""


def constant(fraction: float) -> float:
    """1 throughout."""
    return 1.0


def warmup_cosine(warmup: float = 0.05, floor: float = 0.01) -> Schedule:
    """Linear up over `warmup` of the run, then half a cosine down to `floor`.

    Loshchilov and Hutter 2017 (arXiv:1608.03983), without restarts. The floor is not 0, so that
    a run resumed beyond its end still learns.
    """

    def schedule(fraction: float) -> float:
        if fraction < warmup:
            return fraction / warmup
        done = min(1.0, (fraction - warmup) / (1 - warmup))
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))

    return schedule


def one_cycle(peak: float = 0.2, floor: float = 0.01) -> Schedule:
    """Linear up until `peak` of the run, linear down to `floor` (Smith 2018, arXiv:1803.09820)."""

    def schedule(fraction: float) -> float:
        if fraction < peak:
            return floor + (1 - floor) * fraction / peak
        return 1 - (1 - floor) * min(1.0, (fraction - peak) / (1 - peak))

    return schedule


def hold_then_fall(hold: float = 0.5, floor: float = 0.01) -> Schedule:
    """1 until `hold` of the run, then linear down to `floor`."""

    def schedule(fraction: float) -> float:
        return 1 - (1 - floor) * min(1.0, max(0.0, fraction - hold) / (1 - hold))

    return schedule


ScheduleName = Literal["constant", "cosine", "one-cycle", "fall"]
SCHEDULES: dict[str, Callable[..., Schedule]] = {
    "constant": lambda: constant,
    "cosine": warmup_cosine,
    "one-cycle": one_cycle,
    "fall": hold_then_fall,
}


def make(name: ScheduleName, until: float | None = None) -> Schedule:
    """The schedule of that name.

    until: share of the stage after which the warm-up, the climb to the peak or the hold ends; None
        takes the schedule's own.
    """
    return SCHEDULES[name]() if until is None or name == "constant" else SCHEDULES[name](until)


@dataclass
class ScheduledValue:
    """A 0-dim tensor that the loop writes before every step: value(fraction of the stage done).

    once: the course is run in the first cycle alone; where training goes on after its end, the
        value stays what it was at the end.
    """

    tensor: Tensor
    value: Schedule
    once: bool = False
    _last: float | None = field(default=None, repr=False)

    def update(self, fraction: float) -> None:
        """Write the present value in place, so that a recorded graph sees it."""
        value = self.value(fraction)
        if value != self._last:
            self.tensor.fill_(value)
            self._last = value

    def again(self) -> "ScheduledValue":
        """The same value in another cycle."""
        end = self.value(1.0)
        return ScheduledValue(self.tensor, lambda fraction: end) if self.once else self


def scheduled_lr(optimizer: Optimizer, schedule: Schedule) -> list[ScheduledValue]:
    """One schedule over all groups of parameters: the factor times each group's learning rate."""

    def scaled(highest: float) -> Schedule:
        return lambda fraction: highest * schedule(fraction)

    pairs = zip(optimizer.lrs, optimizer.initial_lrs, strict=True)
    return [ScheduledValue(tensor, scaled(highest)) for tensor, highest in pairs]
