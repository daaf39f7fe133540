"""Which images validate: seeded, stratified by class, near-duplicates on one side."""

from typing import TypeAlias

import numpy as np

Integers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]


def choose(label: Integers, group: Integers, amount: int, seed: int) -> Integers:
    """The rows, sorted, of about `amount` images that leave the training set.

    `label` and `group` are (N,). Rows of one group stay together, each class gives its share and
    keeps at least one group; a class gives at least one image if it has two groups. Groups whose
    labels disagree would mislead the figures and stay in training, as does an image alone in its
    class.
    """
    first, size, is_mixed = _groups(label, group)
    # RandomState: its stream is frozen for all versions of NumPy (NEP 19); torch promises none.
    order = np.random.RandomState(seed % 2**32).permutation(len(size))
    quota = _quotas(label, amount)
    chosen = np.zeros(len(size), dtype=bool)
    for kind in np.flatnonzero(quota):
        mine = order[(label[first[order]] == kind) & ~is_mixed[order]]
        chosen[_fill(mine, size[mine], int(quota[kind]), int((label == kind).sum()))] = True
    number = np.unique(group, return_inverse=True)[1]
    return np.flatnonzero(chosen[number])


def choose_groups(label: Integers, group: Integers, amount: int, seed: int) -> Integers:
    """The rows, sorted, of whole groups that hold about `amount` images, whatever their labels.

    For groups a user names, such as the images of a patient, which may span classes: taken in
    random order while that brings the classes nearer to their shares; each class keeps an image.
    """
    number = np.unique(group, return_inverse=True)[1]
    held = np.zeros((number.max(initial=-1) + 1, label.max(initial=0) + 1), dtype=np.int64)
    np.add.at(held, (number, label), 1)  # images of each group (G) in each class (K)
    total, quota = held.sum(0), _quotas(label, amount)
    chosen, taken = np.zeros(len(held), dtype=bool), np.zeros_like(total)
    for unit in np.random.RandomState(seed % 2**32).permutation(len(held)):
        after = taken + held[unit]
        keeps_all = bool((after < total)[total > 0].all())
        if keeps_all and np.abs(quota - after).sum() < np.abs(quota - taken).sum():
            chosen[unit], taken = True, after
    return np.flatnonzero(chosen[number])


def _groups(label: Integers, group: Integers) -> tuple[Integers, Integers, np.ndarray]:
    """First row, size, and whether labels disagree, of every group."""
    _, first, number, size = np.unique(
        group, return_index=True, return_inverse=True, return_counts=True
    )
    is_mixed = np.zeros(len(size), dtype=bool)
    is_mixed[number[label != label[first][number]]] = True
    return first, size, is_mixed


def _quotas(label: Integers, amount: int) -> Integers:
    """Shares of `amount` by largest remainder, at least 1 and leaving 1 where there are two."""
    count = np.bincount(label)
    share = count * (amount / max(len(label), 1))
    quota = np.floor(share).astype(np.int64)
    rest = amount - int(quota.sum())
    quota[np.argsort(quota - share, kind="stable")[: max(rest, 0)]] += 1
    shares: Integers = np.clip(quota, np.minimum(1, count // 2), np.maximum(count - 1, 0))
    return shares


def _fill(units: Integers, size: Integers, quota: int, count: int) -> Integers:
    """Units, in the given order, that together hold at most `quota` rows of the class's `count`."""
    if size.sum() == len(units):
        return units[: min(quota, count - 1)]
    taken, room = [], quota
    for unit, rows in zip(units.tolist(), size.tolist(), strict=True):
        if rows <= room:
            taken.append(unit)
            room -= rows
    if not taken and len(units) > 1:  # only large groups: the smallest is nearest to the quota
        taken = [int(units[np.argmin(size)])]
    return np.array(taken, dtype=np.int64)
