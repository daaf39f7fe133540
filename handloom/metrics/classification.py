"""What is reported of a classifier, for images and texts alike."""

from typing import Literal, NotRequired, TypedDict, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from handloom.metrics.interval import independent, of_share

FEW = 30  # examples, below which an accuracy is never shown without its interval
TOP5_FROM = 20  # classes; of fewer, five guesses are right too easily
Unit = Literal["images", "texts"]
"""What is classified; the number of them stands under this name."""


class ClassScores(TypedDict):
    """A class of an evaluation. images or texts: how many are of it; predicted: how many are named
    so. precision, recall, f1 and interval, 95 % of the recall (`interval.of_share`): in [0, 1]."""

    images: NotRequired[int]
    texts: NotRequired[int]
    predicted: int
    precision: float
    recall: float
    f1: float
    interval: list[float]


def classification_metrics(
    logits: Tensor, label: Tensor, predicted: Tensor | None = None, group: Tensor | None = None
) -> dict[str, Tensor]:
    """Loss, accuracy, means over classes and calibration error over a set, (N, K) and (N,).

    "loss" in nats; "accuracy", "balanced_accuracy" (the mean recall), "macro_f1" and "calibration"
    in [0, 1], means over the classes that occur among the labels; from 20 classes on
    "top5_accuracy"; where fewer than 30 are independent "accuracy_low" and "accuracy_high", the
    ends of the 95 % interval. predicted: int64 (N,) where it is not the likeliest class. group: as
    `interval.of_share`.
    """
    predicted = logits.argmax(1) if predicted is None else predicted
    _, recall, f1, count = _per_class(predicted, label, logits.shape[1])
    occurs, right = count > 0, predicted == label
    metrics = {
        "loss": F.cross_entropy(logits, label),
        "accuracy": right.float().mean(),
        "balanced_accuracy": recall[occurs].mean(),
        "macro_f1": f1[occurs].mean(),
        "calibration": expected_calibration_error(logits, label),
    }
    if logits.shape[1] >= TOP5_FROM:
        metrics["top5_accuracy"] = (logits.topk(5).indices == label[:, None]).any(1).float().mean()
    if independent(right, group) < FEW:
        low, high = of_share(right, group)
        metrics |= {"accuracy_low": torch.tensor(low), "accuracy_high": torch.tensor(high)}
    return metrics


def expected_calibration_error(logits: Tensor, label: Tensor, bins: int = 15) -> Tensor:
    """Mean gap between confidence and accuracy over equal bins (Guo et al. 2017, arXiv:1706.04599).

    logits (N, K), label (N,) -> scalar in [0, 1].
    """
    confidence, predicted = logits.softmax(1).max(1)
    correct = (predicted == label).float()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    gap = torch.zeros(bins, device=logits.device).scatter_add_(0, bin_of, confidence - correct)
    return gap.abs().sum() / len(label)


def per_class(
    classes: list[str], predicted: Tensor, label: Tensor, unit: Unit, group: Tensor | None = None
) -> dict[str, ClassScores]:
    """The scores of every class that occurs or is predicted.

    predicted, label: int64 (N,), places in `classes`. group: as `interval.of_share`. Precision is 0
    where nothing is predicted.
    """
    precision, recall, f1, count = _per_class(predicted, label, len(classes))
    predictions = torch.bincount(predicted, minlength=len(classes))
    scores: dict[str, ClassScores] = {}
    for i, name in enumerate(classes):
        if count[i] or predictions[i]:
            of_class = label == i
            together = None if group is None else group[of_class]
            ends = of_share(predicted[of_class] == i, together)
            scores[name] = {
                **cast(ClassScores, {unit: int(count[i])}),
                "predicted": int(predictions[i]),
                "precision": round(precision[i].item(), 6),
                "recall": round(recall[i].item(), 6),
                "f1": round(f1[i].item(), 6),
                "interval": [round(end, 6) for end in ends],
            }
    return scores


def balanced_weights(label: Tensor, classes: int) -> Tensor:
    """A weight for each class, float (K,), inverse to how often it occurs in `label`, int64 (N,).

    Over the examples their mean is 1; a class that does not occur weighs as if it did once.
    """
    count = torch.bincount(label, minlength=classes).float()
    return len(label) / (count.clamp(min=1) * (count > 0).sum())


def best_threshold(probability: Tensor, positive: Tensor) -> tuple[float, float]:
    """The probability at which two classes are told apart with the largest F1, and that F1.

    probability: float (N,), of the positive class; positive: bool (N,). At or above the threshold
    is positive. Chosen on the same data that it is used on, it flatters.
    """
    ordered, order = probability.sort(descending=True)
    right = positive[order].float().cumsum(0)
    chosen = torch.arange(1, len(ordered) + 1, device=ordered.device)
    f1 = 2 * right / (chosen + positive.sum())
    last = torch.ones_like(f1, dtype=torch.bool)
    last[:-1] = ordered[1:] != ordered[:-1]  # equal probabilities go together
    best = int(f1.masked_fill(~last, -1.0).argmax())
    return float(ordered[best]), float(f1[best])


def _per_class(
    predicted: Tensor, label: Tensor, classes: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Precision, recall, F1 and count of every class, each (K,)."""
    right = torch.bincount(label[predicted == label], minlength=classes).float()
    count = torch.bincount(label, minlength=classes)
    predictions = torch.bincount(predicted, minlength=classes)
    precision, recall = right / predictions.clamp(min=1), right / count.clamp(min=1)
    return precision, recall, 2 * right / (count + predictions).clamp(min=1), count
