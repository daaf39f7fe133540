"""What is reported of a classifier, for images and texts alike."""

import torch
from torch import Tensor
from torch.nn import functional as F


def classification_metrics(logits: Tensor, label: Tensor) -> dict[str, Tensor]:
    """loss (nats, mean), accuracy in [0, 1] and calibration error over a set, (N, K) and (N,)."""
    return {
        "loss": F.cross_entropy(logits, label),
        "accuracy": (logits.argmax(1) == label).float().mean(),
        "calibration": expected_calibration_error(logits, label),
    }


def expected_calibration_error(logits: Tensor, label: Tensor, bins: int = 15) -> Tensor:
    """Mean gap between confidence and accuracy over equal bins (Guo et al. 2017, arXiv:1706.04599).

    logits (N, K), label (N,) -> scalar in [0, 1].
    """
    confidence, predicted = logits.softmax(1).max(1)
    correct = (predicted == label).float()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    gap = torch.zeros(bins, device=logits.device).scatter_add_(0, bin_of, confidence - correct)
    return gap.abs().sum() / len(label)


def class_metrics(logits: Tensor, label: Tensor) -> dict[str, Tensor]:
    """accuracy, balanced accuracy, macro F1, loss in nats and calibration error over a set.

    logits (N, K), label (N,). Means over classes are over those that occur among the labels.
    """
    classes = logits.shape[1]
    _, recall, f1, count = _per_class(logits.argmax(1), label, classes)
    there = count > 0
    return {
        "accuracy": (logits.argmax(1) == label).float().mean(),
        "balanced_accuracy": recall[there].mean(),
        "macro_f1": f1[there].mean(),
        "loss": F.cross_entropy(logits, label),
        "calibration": expected_calibration_error(logits, label),
    }


def per_class(
    classes: list[str], predicted: Tensor, label: Tensor, unit: str
) -> dict[str, dict[str, float]]:
    """Of every class that occurs or is predicted: how many (under the name `unit`), accuracy,
    precision, recall and F1, all in [0, 1]; accuracy is the recall, by its common name here.

    predicted, label: int64 (N,), places in `classes`. Precision is 0 where nothing is predicted.
    """
    precision, recall, f1, count = _per_class(predicted, label, len(classes))
    there = (count > 0) | (torch.bincount(predicted, minlength=len(classes)) > 0)
    return {
        name: {
            unit: int(count[i]),
            "accuracy": round(recall[i].item(), 6),
            "precision": round(precision[i].item(), 6),
            "recall": round(recall[i].item(), 6),
            "f1": round(f1[i].item(), 6),
        }
        for i, name in enumerate(classes)
        if there[i]
    }


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
    predicted_count = torch.bincount(predicted, minlength=classes)
    precision, recall = right / predicted_count.clamp(min=1), right / count.clamp(min=1)
    return precision, recall, 2 * right / (count + predicted_count).clamp(min=1), count
