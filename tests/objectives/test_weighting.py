"""Weighted cross-entropy: the same gradient however a batch is cut."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from handloom.engine.optim import SGD
from handloom.engine.precision import Precision
from handloom.engine.step import TrainStep
from handloom.metrics.classification import balanced_weights
from handloom.objectives.classification import Classification
from handloom.objectives.weighting import weighted_cross_entropy


def update(micro_batches: int, weight: torch.Tensor | None) -> torch.Tensor:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    objective = Classification(network, weight=weight, label_smoothing=0.1)
    optimizer = SGD(list(network.parameters()), 1.0)
    precision = Precision(torch.device("cpu"), None)
    step = TrainStep(objective.phases()[0], optimizer, precision, grad_accum_steps=micro_batches)
    before = network[1].weight.detach().clone()
    step({"image": torch.rand(4, 1, 2, 2), "label": torch.tensor([0, 0, 0, 1])})
    return network[1].weight.detach() - before


@pytest.mark.parametrize("weight", [None, torch.tensor([2 / 3, 2.0])])
@pytest.mark.parametrize("micro_batches", [2, 3, 4])
def test_micro_batches_add_up(weight: torch.Tensor | None, micro_batches: int) -> None:
    torch.testing.assert_close(update(micro_batches, weight), update(1, weight))


def test_over_the_set_it_is_the_weighted_mean() -> None:
    label = torch.tensor([0, 0, 0, 1, 2, 2])
    logits = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    weight = balanced_weights(label, 3)
    torch.testing.assert_close(
        weighted_cross_entropy(logits, label, weight), F.cross_entropy(logits, label, weight)
    )
    torch.testing.assert_close(
        weighted_cross_entropy(logits, label, None), F.cross_entropy(logits, label)
    )
