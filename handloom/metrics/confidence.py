"""How far the confidence of a classifier can be trusted."""

import math
from typing import TypedDict

import torch
from torch import Tensor

from handloom.metrics.interval import of_share

BINS = 10
SHARES = 20  # points of a curve
DIGITS = 6  # of a probability that is given to a person


class Reliability(TypedDict):
    """Answers of about one confidence. confidence: their mean; accuracy: the share that is right,
    interval: 95 % of it; all in [0, 1]."""

    count: int
    confidence: float
    accuracy: float
    interval: list[float]


class Abstention(TypedDict):
    """What is right where answers below a threshold are not given. answered: the share that is;
    accuracy: of these, interval: 95 % of it; all in [0, 1]."""

    threshold: float
    answered: float
    accuracy: float
    interval: list[float]


def reliability(
    confidence: Tensor, right: Tensor, group: Tensor | None = None
) -> list[Reliability]:
    """For each of ten equal bins of confidence that holds an answer, how many are right.

    confidence: float (N,) in [0, 1]; right: bool (N,); group: as `interval.of_share`.
    """
    bin_of = (confidence * BINS).long().clamp(max=BINS - 1)
    records = list[Reliability]()
    for number in bin_of.unique().tolist():
        inside = bin_of == number
        count, correct = int(inside.sum()), int(right[inside].sum())
        ends = of_share(right[inside], None if group is None else group[inside])
        records.append(
            {
                "count": count,
                "confidence": round(confidence[inside].mean().item(), 6),
                "accuracy": round(correct / count, 6),
                "interval": [round(end, 6) for end in ends],
            }
        )
    return records


def abstention(confidence: Tensor, right: Tensor, group: Tensor | None = None) -> list[Abstention]:
    """What is right among the answers that are given when the least confident are not.

    confidence: float (N,), right: bool (N,), group: as `interval.of_share`. From all answers down
    to few; a threshold is a number of few digits that just these answers reach. Answers of one
    confidence are given together, and confidences are those that `predict` gives, which a threshold
    is compared with: saturated ones are all 1.
    """
    given = torch.tensor(
        [round(value, DIGITS) for value in confidence.tolist()], dtype=torch.double
    )
    ordered, order = given.sort(descending=True, stable=True)
    correct = right[order].long().cumsum(0)
    below = torch.cat([ordered[1:], ordered.new_tensor([-1.0])])
    ends = torch.nonzero(ordered != below)[:, 0]  # where a threshold can be put
    wanted = torch.linspace(len(ordered), 0, SHARES + 1)[:-1].ceil().long() - 1
    places = torch.searchsorted(ends, wanted).clamp(max=len(ends) - 1)
    records = list[Abstention]()
    for end in dict.fromkeys(ends[places].tolist()):
        count, number, given_rows = end + 1, int(correct[end]), order[: end + 1]
        ends_of = of_share(right[given_rows], None if group is None else group[given_rows])
        records.append(
            {
                "threshold": shortest(max(below[end].item(), 0.0), ordered[end].item()),
                "answered": round(count / len(ordered), 6),
                "accuracy": round(number / count, 6),
                "interval": [round(bound, 6) for bound in ends_of],
            }
        )
    return records


def shortest(below: float, at_most: float) -> float:
    """The number of fewest decimals, six at most, that is above `below` and at most `at_most`."""
    for digits in range(1, DIGITS):
        value = math.floor(round(at_most * 10.0**digits, DIGITS)) / 10.0**digits
        if value > below:
            return value
    return round(at_most, DIGITS)
