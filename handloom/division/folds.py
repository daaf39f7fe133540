"""Folds of training examples, for choices that cost nothing of what is reported."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from handloom.division.sample import class_by_class


def folds(label: Tensor, group: Sequence[int], order: Tensor, count: int) -> Tensor:
    """The fold of every example, int64 (N,), from 0 to below `count`; -1 for one of no fold.

    Classes are dealt out evenly, and a group always to one fold. label: int64 (N,). group: a number
    for each of the N. order: rows at random, int64 (M,); groups without a row in it are in no fold.
    """
    fold_of: dict[int, int] = {}
    for row in class_by_class(order, label).tolist():
        fold_of.setdefault(group[row], len(fold_of) % count)
    return torch.tensor([fold_of.get(number, -1) for number in group], dtype=torch.int64)
