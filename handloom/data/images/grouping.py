"""Which images belong together: copies of each other, and what a user says belongs together."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath

import numpy as np
import torch
from torch import Tensor

from handloom.errors import UserError

FOLDER, PREFIX = "folder", "prefix"


def without_mixed(near: Tensor, exact: Tensor, label: Tensor | None) -> tuple[Tensor, int]:
    """`near` (N,) but for groups that span classes, which fall apart into those of `exact`.

    Images of two classes that look nearly alike are what a classifier is to tell apart (a part with
    a scratch and without, under a fixed camera), and not copies. Also returns how many groups.
    """
    if label is None:
        return near, 0
    values, number = torch.unique(near, return_inverse=True)
    lowest = torch.full_like(values, torch.iinfo(torch.int64).max)
    low = lowest.scatter_reduce(0, number, label, "amin")
    high = torch.full_like(values, -1).scatter_reduce(0, number, label, "amax")
    is_mixed = low != high
    return torch.where(is_mixed[number], exact, near), int(is_mixed.sum())


def named_groups(names: Sequence[str], how: str, class_depth: int) -> Tensor:
    """Groups, int64 (N,), of image files by the option `group`: "folder" or "prefix".

    folder: those in one folder, below that of the class, which `class_depth` folders lead to.
    prefix: those of one folder whose names are equal but for the last number (`p7_03.png`).
    Raises UserError for another word, and where that puts no two images together or all.
    """
    key: Callable[[PurePosixPath], str]
    if how == FOLDER:
        key = lambda path: str(path.parent)
        if any(len(PurePosixPath(name).parts) <= class_depth + 1 for name in names):
            raise UserError(
                "--group folder: images lie in the class folders themselves; put those that "
                "belong together into folders below, or take --group prefix"
            )
    elif how == PREFIX:
        key = lambda path: re.sub(r"[-_ .]*\d+$", "", str(path.with_suffix("")))
    else:
        raise UserError(f"--group {how}: for image files it must be folder or prefix")
    return numbered([key(PurePosixPath(name)) for name in names])


def numbered(keys: Sequence[str]) -> Tensor:
    """Groups, int64 (N,), of equal keys."""
    if not keys:
        return torch.empty(0, dtype=torch.int64)
    return torch.from_numpy(np.unique(np.array(keys), return_inverse=True)[1].astype(np.int64))


def members(group: Tensor) -> list[list[int]]:
    """The rows of each group of two or more, in order."""
    order = torch.argsort(group, stable=True)
    _, size = torch.unique_consecutive(group[order], return_counts=True)
    groups = torch.split(order, size.tolist()) if bool((size > 1).any()) else ()
    return sorted(rows.tolist() for rows in groups if len(rows) > 1)


def joined(group: Tensor, links: Iterable[tuple[int, int] | tuple[int, int, bool]]) -> Tensor:
    """Groups, int64 (N,), with those of linked rows made one; a group's number is its first row.

    group: numbered by its first rows too.
    """
    parent = group.tolist()
    for link in links:
        left, right = sorted((_root(parent, link[0]), _root(parent, link[1])))
        parent[right] = left
    return torch.tensor([_root(parent, row) for row in range(len(parent))], dtype=torch.int64)


def _root(parent: list[int], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row
