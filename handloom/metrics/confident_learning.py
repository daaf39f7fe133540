"""Which labels are likely wrong: confident learning.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
arXiv:1911.00068. The rows that its confident joint (eq. 1 and 2) counts off the diagonal.
Differences: a row whose label is as likely as any other class is left out, and so is one whose
class has no threshold, since none of its examples were seen.
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


def wrong_labels(probability: Tensor, label: Tensor) -> WrongLabels:
    """Labels that the predictions contradict, though they know both classes.

    probability: float (N, K), each row by a model that has not seen that row; label: int64 (N,).
    A row is counted where a class other than its label is as probable as it typically is for rows
    labelled with it, and the most probable such class is more probable than the label.
    """
    typical = thresholds(probability, label)
    confident = probability.masked_fill(probability < typical, -1.0)
    most, likely = confident.max(1)
    margin = most - probability.gather(1, label[:, None])[:, 0]
    rows = torch.nonzero((most >= 0) & (likely != label) & (margin > 0))[:, 0]
    rows = rows[margin[rows].argsort(descending=True, stable=True)]
    return WrongLabels(rows, likely[rows], margin[rows])


def thresholds(probability: Tensor, label: Tensor) -> Tensor:
    """Mean probability of each class over the rows labelled with it, (K,) (eq. 2).

    Infinite for a class that labels no row.
    """
    classes = probability.shape[1]
    own = probability.gather(1, label[:, None])[:, 0]
    count = torch.bincount(label, minlength=classes)
    total = torch.zeros(classes, dtype=own.dtype).scatter_add_(0, label, own)
    return torch.where(count > 0, total / count.clamp(min=1), torch.inf)
