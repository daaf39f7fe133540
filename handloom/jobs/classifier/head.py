"""The linear head of a pretrained network, solved in closed form on features."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.models.image.transferred import RootHead

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)  # C; 400 photos of 10 classes take 0.03
MOST = 10_000  # images by which a strength is chosen; more change it little and take minutes
FLAT = 1e-6  # standard deviation below which a feature says nothing


class Chosen(NamedTuple):
    """A strength, and what it came to. right: of every image while its fold validated, (N,);
    accuracy: their mean; loss: mean cross-entropy, nats."""

    strength: float
    right: Tensor
    accuracy: float
    loss: float


def solve(
    head: RootHead, features: Tensor, label: Tensor, strength: float, is_balanced: bool
) -> None:
    """Logistic regression on the standardized signed roots of features (N, D), into the head."""
    import torch

    from handloom.jobs.regression import logistic
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
    from torch.nn import functional as F

    logits = out_of_fold(features, label, fold, classes, strength, is_balanced)
    right = (logits.argmax(1) == label).float()
    loss = F.cross_entropy(logits, label).item()
    return Chosen(strength, right, right.mean().item(), loss)


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
    features: Tensor, label: Tensor, fold: Tensor, classes: int, is_balanced: bool
) -> Chosen:
    """The strength that is right most often in cross-validation, then that of the lowest loss."""
    every = -(-len(label) // MOST)
    some = (features[::every], label[::every], fold[::every])
    tried = [cross_validated(*some, classes, strength, is_balanced) for strength in STRENGTHS]
    return max(tried, key=lambda chosen: (chosen.accuracy, -chosen.loss))
