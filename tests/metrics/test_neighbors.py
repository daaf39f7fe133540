"""The weighted vote of nearest neighbours against a loop."""

import math

import torch
from torch.nn import functional as F

from handloom.metrics.neighbors import knn_accuracy, knn_predictions


def test_predictions_are_those_of_a_loop() -> None:
    generator = torch.Generator().manual_seed(0)
    known, query = torch.randn(40, 6, generator=generator), torch.randn(15, 6, generator=generator)
    label = torch.randint(0, 3, (40,), generator=generator)
    expected = []
    for row in F.normalize(query.double(), dim=1):
        cosine = F.normalize(known.double(), dim=1) @ row
        votes = [0.0, 0.0, 0.0]
        for place in cosine.argsort(descending=True)[:7].tolist():
            votes[int(label[place])] += math.exp(cosine[place].item() / 0.07)
        expected.append(votes.index(max(votes)))
    assert len(set(expected)) > 1
    assert knn_predictions(known, label, query, k=7).tolist() == expected


def test_lengths_of_features_do_not_count() -> None:
    known, label = torch.tensor([[1.0, 0.0], [0.0, 100.0]]), torch.tensor([0, 1])
    assert knn_predictions(known, label, torch.tensor([[5.0, 1.0]]), k=1).tolist() == [0]


def test_more_neighbours_than_there_are() -> None:
    known, label = torch.eye(3), torch.tensor([2, 1, 0])
    assert knn_accuracy(known, label, torch.eye(3), label, k=20).item() == 1.0
