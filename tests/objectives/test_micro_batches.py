"""Classes that weigh differently: the same gradient however a batch is cut."""

import pytest
import torch
from torch import Tensor, nn

from handloom.engine.optim import SGD
from handloom.engine.precision import Precision
from handloom.engine.step import TrainStep
from handloom.objectives.classification import Classification
from handloom.objectives.text_classification import TextClassification


class Mean(nn.Module):
    """Logits from the mean of the vectors of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(9, 2)

    def forward(self, tokens: Tensor, length: Tensor) -> Tensor:
        return self.words(tokens).mean(1)  # type: ignore[no-any-return]


def update(job: str, micro_batches: int, weight: Tensor | None) -> tuple[Tensor, dict[str, float]]:
    """How an update moves the first parameter, and what is logged."""
    torch.manual_seed(0)
    label = torch.tensor([0, 0, 0, 1])
    objective: Classification | TextClassification
    if job == "images":
        network: nn.Module = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        objective = Classification(network, label_smoothing=0.1, weight=weight)
        batch = {"image": torch.rand(4, 1, 2, 2), "label": label}
    else:
        network = Mean()
        objective = TextClassification(network, weight, 0.1)
        tokens = torch.randint(0, 9, (4, 3))
        batch = {"tokens": tokens, "length": torch.full((4,), 3), "label": label}
    parameters = list(network.parameters())
    before = parameters[0].detach().clone()
    precision = Precision(torch.device("cpu"), None)
    optimizer = SGD(parameters, 1.0)
    step = TrainStep(objective.phases()[0], optimizer, precision, grad_accum_steps=micro_batches)
    step(batch)
    return parameters[0].detach() - before, step.means()


@pytest.mark.parametrize("job", ["images", "texts"])
@pytest.mark.parametrize("weight", [None, torch.tensor([2 / 3, 2.0])])
@pytest.mark.parametrize("micro_batches", [2, 3, 4])
def test_micro_batches_add_up(job: str, weight: Tensor | None, micro_batches: int) -> None:
    moved, means = update(job, micro_batches, weight)
    whole, expected = update(job, 1, weight)
    torch.testing.assert_close(moved, whole)
    assert means == pytest.approx(expected)
