"""How far the confidence of a classifier can be trusted."""

from typing import Any

import torch
from torch import Tensor

from handloom.metrics.interval import wilson

BINS = 10
SHARES = 20  # points of a curve


def reliability(confidence: Tensor, right: Tensor, bins: int = BINS) -> list[dict[str, Any]]:
    """Of the answers of about one confidence, how many are right.

    confidence: float (N,) in [0, 1]; right: bool (N,). For each of `bins` equal bins that holds an
    answer: {"count", "confidence": their mean, "accuracy", "interval": 95 % of it (Wilson)}.
    """
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    records = []
    for number in bin_of.unique().tolist():
        inside = bin_of == number
        count, correct = int(inside.sum()), int(right[inside].sum())
        records.append(
            {
                "count": count,
                "confidence": round(confidence[inside].mean().item(), 6),
                "accuracy": round(correct / count, 6),
                "interval": [round(end, 6) for end in wilson(correct, count)],
            }
        )
    return records


def abstention(confidence: Tensor, right: Tensor, points: int = SHARES) -> list[dict[str, Any]]:
    """What is right among the answers that are given when the least confident are not.

    confidence: float (N,), right: bool (N,). From all answers down to few: {"threshold": the least
    confidence that is answered, "answered": share of N, "accuracy", "interval": 95 % (Wilson)}.
    Answers of one confidence are given together.
    """
    ordered, order = confidence.sort(descending=True, stable=True)
    correct = right[order].long().cumsum(0)
    last = torch.ones(len(ordered), dtype=torch.bool)
    last[:-1] = ordered[1:] != ordered[:-1]
    ends = torch.nonzero(last)[:, 0]  # where a threshold can be put
    wanted = torch.linspace(len(ordered), 0, points + 1)[:-1].ceil().long() - 1
    places = torch.searchsorted(ends, wanted).clamp(max=len(ends) - 1)
    records = []
    for end in dict.fromkeys(ends[places].tolist()):
        count, number = end + 1, int(correct[end])
        records.append(
            {
                "threshold": round(ordered[end].item(), 6),
                "answered": round(count / len(ordered), 6),
                "accuracy": round(number / count, 6),
                "interval": [round(bound, 6) for bound in wilson(number, count)],
            }
        )
    return records
