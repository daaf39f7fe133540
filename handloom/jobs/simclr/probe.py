"""A linear probe: what a linear layer on frozen features has right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

CHOOSING = 3_000  # images that choose the strength of the regularization, at most
FOLDS = 2


def linear_probe(
    known: Tensor, label: Tensor, asked: Tensor, classes: int, group: Sequence[int] | None = None
) -> Tensor:
    """The classes int64 (M,) of features (M, D) by logistic regression on features (N, D).

    label: int64 (N,), of the N. group: a number for each of them, the same for copies and whatever
    else belongs together. The strength is chosen by folds of these alone. As the head of a
    classifier on a pretrained network, on signed roots of the features.
    """
    import torch

    from handloom.division.sample import sample_rows
    from handloom.jobs.classification.linear_head import choose_strength, solve
    from handloom.models.image.transferred import RootHead

    rows = sample_rows(len(known), CHOOSING, label)
    fold = probe_folds(label[rows], None if group is None else [group[row] for row in rows])
    chosen = choose_strength(known[rows], label[rows], fold, classes, is_balanced=False)
    head = RootHead(known.shape[1], classes)
    solve(head, known, label, chosen.strength, is_balanced=False)
    with torch.no_grad():
        logits: Tensor = head(asked.float())
    return logits.argmax(1)


def probe_folds(label: Tensor, group: Sequence[int] | None) -> Tensor:
    """The fold of each example, int64 (N,): classes evenly, what belongs together in one.

    Divided at random, copies of an image on both sides favoured a strength that learns them by
    heart, and of few examples a class lay in one fold alone.
    """
    from handloom.division.folds import folds
    from handloom.division.sample import shuffled

    group = range(len(label)) if group is None or len(set(group)) < FOLDS else group
    return folds(label, group, shuffled(len(label), 0), FOLDS)
