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

    It is the one that the example had before, else that of an example of its group, else the usual
    one. usual: split of each in a new division. known: in the earlier one, None where it was in
    none. group: a number for each, the same for those that belong together. taken: the splits that
    are divided from the training part; where one of them has no known example, there is nothing to
    go on from, and the division is the usual one.
    """
    if not set(taken) <= set(known):
        return list(usual)
    own = [split if split == TRAIN or split in taken else None for split in known]
    of_group: dict[int, str] = {}
    for number, split in zip(group, own, strict=True):
        if split is not None:
            of_group[number] = min(split, of_group.get(number, split), key=ORDER.index)
    return [
        split or of_group.get(number, chosen)
        for split, number, chosen in zip(own, group, usual, strict=True)
    ]
