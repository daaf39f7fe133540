"""The linear head of a pretrained network, solved in closed form on features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.models.image.transferred import RootHead

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)  # C; 400 photos of 10 classes take 0.03
MOST = 10_000  # images by which a strength is chosen; more change it little and take minutes
# Standard errors that weighted classes must gain over the folds: none chooses by chance, and two
# miss what weights gain (benchmarks/unbalanced.py).
CLEAR = 1.0
FLAT = 1e-6  # standard deviation below which a feature says nothing


class Chosen(NamedTuple):
    """A strength, whether classes weigh equally, and the results in cross-validation.

    right: of every image while its fold validated, (N,); accuracy: their mean; macro_f1: over the
    classes; loss: mean cross-entropy, nats; of_folds: macro F1 of each fold alone.
    """

    strength: float
    is_balanced: bool
    right: Tensor
    accuracy: float
    macro_f1: float
    loss: float
    of_folds: tuple[float, ...] = ()


def solve(
    head: RootHead, features: Tensor, label: Tensor, strength: float, is_balanced: bool
) -> None:
    """Logistic regression on the standardized signed roots of features (N, D), into the head."""
    import torch

    from handloom.jobs.classification.regression import logistic
    from handloom.models.image.transferred import roots

    known = roots(features.float())
    mean, std = known.mean(0), known.std(0, correction=0).clamp(min=FLAT)
    weight, bias = logistic(
        ((known - mean) / std).numpy(), label, head.out_features, strength, is_balanced
    )
    with torch.no_grad():
        head.weight.copy_(weight / std)
        head.bias.copy_(bias - (weight / std) @ mean)


def cross_validated(
    features: Tensor, label: Tensor, fold: Tensor, classes: int, strength: float, is_balanced: bool
) -> Chosen:
    """A head of this strength, each fold by a head that was solved on the others."""
    from handloom.metrics.classification import classification_metrics

    logits = out_of_fold(features, label, fold, classes, strength, is_balanced)
    right = (logits.argmax(1) == label).float()
    metrics = classification_metrics(logits, label)
    accuracy, macro_f1, loss = (metrics[name].item() for name in ("accuracy", "macro_f1", "loss"))
    parts = [fold == held_out for held_out in fold.unique()]
    alone = [classification_metrics(logits[rows], label[rows])["macro_f1"].item() for rows in parts]
    return Chosen(strength, is_balanced, right, accuracy, macro_f1, loss, tuple(alone))


def out_of_fold(
    features: Tensor, label: Tensor, fold: Tensor, classes: int, strength: float, is_balanced: bool
) -> Tensor:
    """Logits (N, K) of features (N, D), of each fold by a head that was solved on the others."""
    import torch

    from handloom.models.image.transferred import RootHead

    logits = torch.zeros(len(label), classes)
    head = RootHead(features.shape[1], classes)
    for held_out in fold.unique():
        seen = fold != held_out
        solve(head, features[seen], label[seen], strength, is_balanced)
        with torch.no_grad():
            logits[~seen] = head(features[~seen].float())
    return logits


def choose_strength(
    features: Tensor,
    label: Tensor,
    fold: Tensor,
    classes: int,
    is_balanced: bool,
    strengths: Sequence[float] = STRENGTHS,
) -> Chosen:
    """The strength of the lowest loss among those whose accuracy in cross-validation is within its
    standard error of the best.

    The most accurate alone is chosen by one or two images. is_balanced: classes weigh equally; then
    macro F1 stands for accuracy.
    """
    from handloom.division.sample import sample_rows

    rows = sample_rows(len(label), MOST, label)
    some = (features[rows], label[rows], fold[rows])
    tried = [cross_validated(*some, classes, strength, is_balanced) for strength in strengths]
    scores = [chosen.macro_f1 if is_balanced else chosen.accuracy for chosen in tried]
    best = max(scores)
    least = best - (best * (1 - best) / len(rows)) ** 0.5
    good = [chosen for chosen, score in zip(tried, scores, strict=True) if score >= least]
    return min(good, key=lambda chosen: chosen.loss)


def in_order(heads: list[Chosen]) -> list[Chosen]:
    """The head that is preferred, and then the other, of one without and one with weights.

    Weights are preferred where the macro F1 that they gain is more than CLEAR times its standard
    error.
    """
    gain, error = gain_of_weights(heads)
    return heads[::-1] if len(heads) > 1 and gain > CLEAR * error else heads


def gain_of_weights(heads: Sequence[Chosen]) -> tuple[float, float]:
    """Macro F1 that weighted classes gain, the mean over the folds, and the standard error of that
    mean, in shares of 1; nothing of one head alone."""
    import statistics

    if len(heads) < 2:
        return 0.0, 0.0
    plain, weighted = sorted(heads, key=lambda head: head.is_balanced)
    gains = [b - a for a, b in zip(plain.of_folds, weighted.of_folds, strict=True)]
    error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else math.inf
    return statistics.mean(gains), error
