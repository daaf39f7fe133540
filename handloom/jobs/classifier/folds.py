"""Folds of the training images, for choices that cost nothing of what is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import DataSet


def folds(data: DataSet, count: int, seed: int) -> Tensor:
    """The fold of every training image, int64 (N,), from 0 to below `count`.

    Classes are dealt out evenly, and what belongs together always to one fold, unless there are
    fewer such groups than folds.
    """
    import torch

    assert data.train.label is not None
    label, group = data.train.label, _groups(data)
    if groups(data) < count:  # whole classes of copies: nothing could be compared
        group = list(range(len(label)))
    generator = torch.Generator().manual_seed(seed % (1 << 63))
    order = torch.randperm(len(label), generator=generator)
    order = order[torch.argsort(label[order], stable=True)]
    fold_of: dict[int, int] = {}
    fold = torch.empty(len(label), dtype=torch.int64)
    for row in order.tolist():
        place = fold_of.setdefault(group[row], len(fold_of) % count)
        fold[row] = place
    return fold


def groups(data: DataSet) -> int:
    """How many groups of training images folds could deal out, single images counted."""
    return len(set(_groups(data)))


def _groups(data: DataSet) -> list[int]:
    """A number for each training image, the same for those that belong together."""
    number = {name: row for row, name in enumerate(data.train.names)}
    group = list(range(len(number)))
    for names in data.together:
        rows = [number[name] for name in names if name in number]
        for row in rows[1:]:
            group[row] = rows[0]
    return group
