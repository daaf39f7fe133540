"""How often 95 % intervals of an accuracy hold the true one where examples come in groups.

    python -m benchmarks.group_intervals [--repeats 4000] [--size 8] [--seed 0]

Of every group the chance of a right answer is drawn from a beta distribution with the true accuracy
as its mean; `alike` is the correlation within groups, 0 to 1. Wilson's interval over the number of
examples, over the number of groups, over the design effect alone, and as `metrics.interval` has it.
"""

import argparse
from collections.abc import Callable
from unittest.mock import patch

import torch
from torch import Tensor

from handloom.metrics import interval

GROUPS, ALIKE, TRUE = (4, 10, 20, 30, 100), (0.0, 0.2, 0.5, 1.0), (0.6, 0.8, 0.95)


def main() -> None:
    parser = argparse.ArgumentParser(prog="group_intervals", description=__doc__)
    parser.add_argument("--repeats", type=int, default=4000)
    parser.add_argument("--size", type=int, default=8, help="examples of a group")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("groups  alike  true   examples     groups       effect       handloom")
    for groups in GROUPS:
        for alike in ALIKE:
            for true in TRUE:
                torch.manual_seed(given.seed)
                cells = covered(groups, alike, true, given.size, given.repeats)
                print(f"{groups:6}  {alike:5}  {true:4}   {'   '.join(cells)}", flush=True)


def covered(groups: int, alike: float, true: float, size: int, repeats: int) -> list[str]:
    """Of each way the share of intervals that hold the truth, and their mean width in points."""
    group = torch.arange(groups).repeat_interleave(size)
    sets = [sample(groups, alike, true, size) for _ in range(repeats)]
    return [tried(way, sets, group, true) for way in (plain, by_groups, by_effect, by_handloom)]


def sample(groups: int, alike: float, true: float, size: int) -> Tensor:
    """Which answers are right, bool (groups * size,)."""
    if alike in (0.0, 1.0):
        chance = torch.full((groups,), true)
        each = torch.bernoulli(chance) if alike else chance
    else:
        both = 1 / alike - 1
        each = torch.distributions.Beta(true * both, (1 - true) * both).sample((groups,))
    return torch.bernoulli(each.repeat_interleave(size)).bool()


def tried(
    way: Callable[[Tensor, Tensor], tuple[float, float]], sets: list[Tensor], group: Tensor,
    true: float,
) -> str:  # fmt: skip
    ends = [way(right, group) for right in sets]
    held = sum(low <= true <= high for low, high in ends) / len(ends)
    width = sum(high - low for low, high in ends) / len(ends)
    return f"{100 * held:4.1f} ±{50 * width:4.1f}"


def plain(right: Tensor, group: Tensor) -> tuple[float, float]:
    return interval.of_share(right)


def by_groups(right: Tensor, group: Tensor) -> tuple[float, float]:
    with patch.object(interval, "ENOUGH_GROUPS", 10**9):
        return interval.of_share(right, group)


def by_effect(right: Tensor, group: Tensor) -> tuple[float, float]:
    with patch.object(interval, "ENOUGH_GROUPS", 0):
        return interval.of_share(right, group)


def by_handloom(right: Tensor, group: Tensor) -> tuple[float, float]:
    return interval.of_share(right, group)


if __name__ == "__main__":
    main()
