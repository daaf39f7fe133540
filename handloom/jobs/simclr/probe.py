"""A linear probe: what a linear layer on frozen features has right."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

CHOOSING = 3_000  # images that choose the strength of the regularization, at most
FOLDS = 2


def linear_probe(known: Tensor, label: Tensor, asked: Tensor, classes: int) -> Tensor:
    """The classes int64 (M,) of features (M, D) by logistic regression on features (N, D).

    label: int64 (N,), of the N. The strength is chosen by folds of these alone. As the head of a
    classifier on a pretrained network, on signed roots of the features.
    """
    import torch

    from handloom.division.sample import sample_rows, shuffled
    from handloom.jobs.classification.linear_head import choose_strength, solve
    from handloom.models.image.transferred import RootHead

    rows = sample_rows(len(known), CHOOSING, label)
    fold = shuffled(len(rows), 0) % FOLDS
    chosen = choose_strength(known[rows], label[rows], fold, classes, is_balanced=False)
    head = RootHead(known.shape[1], classes)
    solve(head, known, label, chosen.strength, is_balanced=False)
    with torch.no_grad():
        logits: Tensor = head(asked.float())
    return logits.argmax(1)
