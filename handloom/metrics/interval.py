"""How far a share of few examples may be from the true one."""

from math import sqrt

DEVIATIONS = 1.96  # of the normal distribution, which hold 95 % of it


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927): both ends, in 0..1.

    For no examples it is the whole range.
    """
    if not count:
        return 0.0, 1.0
    share, square = right / count, DEVIATIONS**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = sqrt(share * (1 - share) / count + square / (4 * count**2))
    half = DEVIATIONS / (1 + square / count) * spread
    return max(0.0, middle - half), min(1.0, middle + half)
