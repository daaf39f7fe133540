"""A sample of rows that stands for all of them, whatever their order."""

import torch
from torch import Tensor


def shuffled(count: int, seed: int) -> Tensor:
    """Rows in an order that the seed alone decides, int64 (count,)."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed % (1 << 63)))


def others(count: int, rows: Tensor) -> Tensor:
    """Those of `count` rows that are not among `rows`, int64, ascending."""
    return torch.ones(count, dtype=torch.bool).index_fill(0, rows, False).nonzero()[:, 0]


def class_by_class(order: Tensor, label: Tensor) -> Tensor:
    """The same rows, those of a class one after another. order: int64 (M,); label: int64 (N,)."""
    return order[label[order].argsort(stable=True)]


def sample_rows(count: int, most: int, label: Tensor | None = None, seed: int = 0) -> Tensor:
    """At most `most` of `count` rows at random, int64, ascending; all of them where they are few.

    label: class of each row, (count,); every class then has its share of the sample, to one row.
    Every n-th row was tried, and of a table that alternates two classes it is one class.
    """
    if count <= most:
        return torch.arange(count)
    order = shuffled(count, seed)
    if label is None:
        return order[:most].sort().values
    place = torch.arange(most) * count // most  # evenly over the classes, one after another
    return class_by_class(order, label.cpu())[place].sort().values
