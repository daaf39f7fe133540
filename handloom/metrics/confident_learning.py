"""Which labels are likely wrong: confident learning.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
arXiv:1911.00068. Their confident joint (eq. 1 and 2), calibrated (eq. 3), says how many labels are
wrong; which ones they are is ranked by the margin (sec. 3.2). Difference: the margins are ranked
over all classes at once, where their pruning ranks within each cell. docs/log.md has what was
measured.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class WrongLabels(NamedTuple):
    """Rows whose labels are likely wrong, the likeliest first.

    rows: int64 (M,), places in what was asked about; likely: int64 (M,), the class that each
    should probably have; margin: float (M,), in (0, 1], how much more probable it is.
    """

    rows: Tensor
    likely: Tensor
    margin: Tensor


def is_telling(predicted: Tensor, label: Tensor) -> bool:
    """Whether predictions are right so often that those against a label are worth a look.

    They must be wrong at most a third as often as always naming the commonest label. Sentences
    about films that are named right 71 times in 100, of two classes, gave 45 suspects for 62
    mistakes.
    predicted, label: int64 (N,).
    """
    if not len(label):
        return False
    commonest = torch.bincount(label).max() / len(label)
    return bool((predicted != label).float().mean() <= (1 - commonest) / 3)


def wrong_labels(probability: Tensor, label: Tensor) -> WrongLabels:
    """The rows with the largest margins against their labels, as many as are likely wrong.

    probability: float (N, K), each row by a model that has not seen that row; label: int64 (N,). A
    row whose label is its likeliest class is never among them.
    """
    own = probability.gather(1, label[:, None])
    others = probability.scatter(1, label[:, None], -1.0)
    best, likely = others.max(1)
    margin = best - own[:, 0]
    rows = margin.argsort(descending=True, stable=True)[: amount(probability, label)]
    rows = rows[margin[rows] > 0]
    return WrongLabels(rows, likely[rows], margin[rows])


def amount(probability: Tensor, label: Tensor) -> int:
    """How many labels are wrong: what is off the diagonal of the calibrated joint (eq. 3)."""
    joint = confident_joint(probability, label).double()
    count = torch.bincount(label, minlength=len(joint))
    share = joint / joint.sum(1, keepdim=True).clamp(min=1)
    wrong = (1 - share.diagonal()) * count
    return round(wrong[joint.sum(1) > 0].sum().item())


def confident_joint(probability: Tensor, label: Tensor) -> Tensor:
    """How many rows of each label are confidently of each class, int64 (K, K) (eq. 1).

    A row counts for the most probable of the classes that reach their threshold for it.
    """
    classes = probability.shape[1]
    confident = probability.masked_fill(probability < thresholds(probability, label), -1.0)
    if not len(label):
        return torch.zeros(classes, classes, dtype=torch.int64)
    most, likely = confident.max(1)
    cell = (label * classes + likely)[most >= 0]
    return torch.bincount(cell, minlength=classes**2).view(classes, classes)


def thresholds(probability: Tensor, label: Tensor) -> Tensor:
    """Mean probability of each class over the rows labelled with it, (K,) (eq. 2).

    Infinite for a class that labels no row.
    """
    classes = probability.shape[1]
    own = probability.gather(1, label[:, None])[:, 0]
    count = torch.bincount(label, minlength=classes)
    total = torch.zeros(classes, dtype=own.dtype).scatter_add_(0, label, own)
    return torch.where(count > 0, total / count.clamp(min=1), torch.inf)
