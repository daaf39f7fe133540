"""A division that goes on from an earlier one: what was known then stays where it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from handloom.division.splits import ORDER, TRAIN


def kept_sides(
    usual: Sequence[str],
    known: Sequence[str | None],
    group: Sequence[int],
    taken: Collection[str],
) -> list[str]:
    """The split of each of N examples.

    It is the one that an example of its group had before, of several the training part, since
    nothing that is learned from may validate; of a group without one the usual one. usual: split
    of each in a new division. known: in the earlier one, None where it was in none. group: a number
    for each, the same for those that belong together. taken: the splits that are divided from the
    training part; where nothing known is left of one of them, or all validates, there is nothing to
    go on from, and the division is the usual one.
    """
    of_group: dict[int, str] = {}
    for number, split in zip(group, known, strict=True):
        if split is not None and split in (TRAIN, *taken):
            of_group[number] = min(split, of_group.get(number, split), key=ORDER.index)
    sides = [of_group.get(number, chosen) for number, chosen in zip(group, usual, strict=True)]
    if TRAIN not in sides or not set(taken) <= set(of_group.values()):
        return list(usual)
    return sides
