"""Accuracy of the nearest neighbours among labelled features: how good vectors are for search."""

import torch
from torch import Tensor
from torch.nn import functional as F

ROWS = 1024  # of a matrix of similarities at a time


@torch.no_grad()
def knn_predictions(
    known: Tensor, label: Tensor, query: Tensor, k: int = 20, temperature: float = 0.07
) -> Tensor:
    """The class of every query by a weighted vote of its k nearest, int64 (M,).

    known (N, D) with label int64 (N,), query (M, D); features are compared by cosine, and each of
    the k votes with exp(cosine / temperature) (Wu et al. 2018, arXiv:1805.01978, sec. 3.4, which
    has k = 200; 20 is better where a class has few images).
    """
    known, classes = F.normalize(known.float(), dim=1), int(label.max()) + 1
    predicted = []
    for rows in query.split(ROWS):
        similarity = F.normalize(rows.float(), dim=1) @ known.T
        nearest = similarity.topk(min(k, len(known)), 1)
        # Minus 1, the most a cosine can be: exp does not overflow.
        weight = ((nearest.values - 1) / temperature).exp()
        votes = weight.new_zeros(len(rows), classes).scatter_add_(1, label[nearest.indices], weight)
        predicted.append(votes.argmax(1))
    return torch.cat(predicted)


def knn_accuracy(known: Tensor, label: Tensor, query: Tensor, truth: Tensor, k: int = 20) -> Tensor:
    """Share of queries whose class the weighted vote of their k nearest has right, 0-dim."""
    return (knn_predictions(known, label, query, k) == truth).float().mean()
