"""How far a share of few examples may be from the true one."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

DEVIATIONS = 1.96  # of the normal distribution, which hold 95 % of it
ENOUGH_GROUPS = 30  # from which on the likeness within groups is estimated (Cameron, Miller 2015)


def wilson(right: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927): both ends, in 0..1.

    count: of independent examples, which need not be whole. For no examples it is the whole range.
    """
    if not count:
        return 0.0, 1.0
    share, square = right / count, DEVIATIONS**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = sqrt(share * (1 - share) / count + square / (4 * count**2))
    half = DEVIATIONS / (1 + square / count) * spread
    return max(0.0, middle - half), min(1.0, middle + half)


def of_share(right: Tensor, group: Tensor | None = None) -> tuple[float, float]:
    """The 95 % interval of the share that is right.

    right: bool (N,). group: int64 (N,), the same number for examples that belong together, such as
    the images of a patient; None where each stands alone.
    """
    count = independent(right, group)
    return wilson(float(right.double().mean()) * count if count else 0.0, count)


def independent(right: Tensor, group: Tensor | None = None) -> float:
    """How many independent examples tell as much of a share as these (`of_groups`).

    right: bool (N,). group: as `of_share`.
    """
    if group is None or not len(right):
        return float(len(right))
    _, number, sizes = group.unique(return_inverse=True, return_counts=True)
    counts = sizes.new_zeros(len(sizes)).index_add_(0, number, right.to(sizes.dtype))
    return of_groups(list(zip(sizes.tolist(), counts.tolist(), strict=True)))


def of_groups(groups: Sequence[tuple[int, int]]) -> float:
    """How many independent examples tell as much of a share as those of these groups: its effective
    sample size.

    Of few groups, the number of them, as if all of a group were alike: n² / Σ m² (Kish, 1965). From
    ENOUGH_GROUPS on, n over the design effect, estimated from the sums of the residuals of groups
    (Kott and Carr, 1997, who put this count into Wilson's interval), between that number and n.
    groups: of each how many examples it has, and how many of them are right.
    """
    count = sum(size for size, _ in groups)
    fewest = count**2 / sum(size**2 for size, _ in groups)
    share = sum(right for _, right in groups) / count
    binomial = share * (1 - share) / count
    if len(groups) < ENOUGH_GROUPS or not binomial:
        return fewest
    squares = sum((right - size * share) ** 2 for size, right in groups)
    effect = len(groups) / (len(groups) - 1) * squares / count**2 / binomial
    return min(float(count), max(fewest, count / effect if effect else float(count)))
