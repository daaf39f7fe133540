"""Which examples are held out: by seed, of every class its share, groups on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

Integers: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.int64]]"


def permuted(count: int, seed: int) -> Integers:
    """Rows in an order that the seed alone decides, whatever the version of NumPy (NEP 19).

    torch promises no such thing, so what is reported on is divided by this order.
    """
    return np.random.RandomState(seed % 2**32).permutation(count)


def hold_out(label: Integers, group: Integers, amount: int, seed: int) -> Integers:
    """The rows, sorted, of about `amount` examples that leave the training set.

    `label` and `group` are (N,). Rows of one group stay together, each class gives its share and
    keeps at least one group; a class gives at least one image if it has two groups. Groups whose
    labels disagree would mislead the figures and stay in training, as does an example alone in its
    class.
    """
    first, size, is_mixed = _groups(label, group)
    order = permuted(len(size), seed)
    quota = _quotas(label, amount)
    chosen = np.zeros(len(size), dtype=bool)
    for kind in np.flatnonzero(quota):
        mine = order[(label[first[order]] == kind) & ~is_mixed[order]]
        chosen[_fill(mine, size[mine], int(quota[kind]), int((label == kind).sum()))] = True
    number = np.unique(group, return_inverse=True)[1]
    return np.flatnonzero(chosen[number])


def hold_out_groups(label: Integers, group: Integers, amount: int, seed: int) -> Integers:
    """The rows, sorted, of whole groups that hold about `amount` examples, whatever their labels.

    For groups a user names, such as the images of a patient, which may span classes: taken in
    random order while that brings the classes nearer to their shares; each class keeps an example.
    """
    number = np.unique(group, return_inverse=True)[1]
    held = np.zeros((number.max(initial=-1) + 1, label.max(initial=0) + 1), dtype=np.int64)
    np.add.at(held, (number, label), 1)  # examples of each group (G) in each class (K)
    total, quota = held.sum(0), _quotas(label, amount)
    chosen, taken = np.zeros(len(held), dtype=bool), np.zeros_like(total)
    for unit in permuted(len(held), seed):
        after = taken + held[unit]
        keeps_all = bool((after < total)[total > 0].all())
        if keeps_all and np.abs(quota - after).sum() < np.abs(quota - taken).sum():
            chosen[unit], taken = True, after
    return np.flatnonzero(chosen[number])


def first_rows(count: int, amount: int, label: Tensor | None) -> tuple[Tensor, Tensor]:
    """The first `amount` of `count` rows, and the others, as tutorials divide; int64, ascending.

    Where the rows lie class by class, as those of a folder, the first of them would be of some
    classes alone: then every class gives its share. label: int64 (count,), or None.
    """
    import torch

    from handloom.division.sample import others, sample_rows

    rows = torch.arange(amount)
    if label is not None and bool((label.diff() >= 0).all()):
        rows = sample_rows(count, amount, label)
    return rows, others(count, rows)


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
