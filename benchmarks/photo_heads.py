"""Heads on features of photos, and the rivals beside them, each tested on one fold of them."""

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from torch.nn import functional as F

from handloom.jobs.classification.linear_head import (
    STRENGTHS,
    choose_strength,
    cross_validated,
    solve,
)
from handloom.models.image.transferred import RootHead


def head(features: Tensor, label: Tensor, seen: Tensor, fold: Tensor, classes: int) -> Tensor:
    """Which unseen images the job's head names rightly, float (M,)."""
    made, _ = solved_head(features[seen], label[seen], fold[seen], classes)
    with torch.no_grad():
        return (made(features[~seen]).argmax(1) == label[~seen]).float()


def solved_head(
    known: Tensor, label: Tensor, inner: Tensor, classes: int, strength: float | None = None
) -> tuple[RootHead, float]:
    """The job's head, and its strength: chosen on the folds `inner` where it is not given."""
    if strength is None:
        strength = choose_strength(known, label, inner, classes, False).strength
    made = RootHead(known.shape[1], classes)
    solve(made, known, label, strength, False)
    return made, strength


def most_accurate(
    features: Tensor, label: Tensor, seen: Tensor, fold: Tensor, classes: int
) -> Tensor:
    """The same of a head whose strength is right most often, then of the lowest loss."""
    known = (features[seen], label[seen])
    tried = [cross_validated(*known, fold[seen], classes, strength, False)
             for strength in STRENGTHS]  # fmt: skip
    chosen = max(tried, key=lambda chosen: (chosen.accuracy, -chosen.loss))
    made = RootHead(features.shape[1], classes)
    solve(made, *known, chosen.strength, False)
    with torch.no_grad():
        return (made(features[~seen]).argmax(1) == label[~seen]).float()


def doubled(
    features: Tensor, mirrored: Tensor, label: Tensor, seen: Tensor, fold: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Features, labels, which are seen and folds, with the mirror images of those that are seen."""
    return (
        torch.cat([features, mirrored[seen]]),
        torch.cat([label, label[seen]]),
        torch.cat([seen, torch.ones(int(seen.sum()), dtype=torch.bool)]),
        torch.cat([fold, fold[seen]]),
    )


def without_roots(features: Tensor, label: Tensor, seen: Tensor, fold: Tensor) -> Tensor:
    """The same of a head on the features themselves, its strength chosen in the same way."""
    inner, known = fold[seen], features[seen]
    scores = []
    for strength in STRENGTHS:
        right = []
        for held_out in inner.unique():
            part = inner != held_out
            right.append(regression(known[part], label[seen][part], known[~part], strength)
                         == label[seen][~part])  # fmt: skip
        scores.append(float(torch.cat(right).float().mean()))
    strength = STRENGTHS[scores.index(max(scores))]
    return (regression(known, label[seen], features[~seen], strength) == label[~seen]).float()


def regression(known: Tensor, label: Tensor, unseen: Tensor, strength: float) -> Tensor:
    """Classes that logistic regression on standardized features gives to unseen ones, (M,)."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
    model.fit(known.numpy(), label.numpy())
    return torch.from_numpy(model.predict(unseen.numpy()))


def rivals(features: Tensor, label: Tensor, seen: Tensor) -> dict[str, Tensor]:
    """The same of ten lines of scikit-learn, and of the nearest neighbour."""
    predicted = regression(features[seen], label[seen], features[~seen], 1.0)
    unit = F.normalize(features)
    nearest = label[seen][(unit[~seen] @ unit[seen].T).argmax(1)]
    return {
        "regression": (predicted == label[~seen]).float(),
        "nearest": (nearest == label[~seen]).float(),
    }
