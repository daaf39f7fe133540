"""The perceptron of the tutorial."""

import pytest
import torch
from torch import nn

from handloom.models.image.mlp import MLP


def test_tutorial_sizes() -> None:
    network = MLP((28, 28, 1), 10)
    assert network(torch.rand(3, 1, 28, 28)).shape == (3, 10)
    assert network.features(torch.rand(3, 1, 28, 28)).shape == (3, 128)
    assert sum(p.numel() for p in network.parameters()) == 784 * 128 + 128 + 128 * 10 + 10


def test_answers_as_the_formula() -> None:
    network = MLP((2, 3, 1), 4, hidden=(5,))
    image = torch.rand(2, 1, 2, 3)
    first, last = network.body[1], network.head
    assert isinstance(first, nn.Linear)
    hidden = torch.sigmoid((image.flatten(1) * 2 - 1) @ first.weight.T + first.bias)
    torch.testing.assert_close(network(image), hidden @ last.weight.T + last.bias)


def test_deterministic_golden_value() -> None:
    torch.manual_seed(0)
    network = MLP((8, 8, 1), 10, hidden=(16, 8), activation="relu")
    logits = network(torch.linspace(0, 1, 64).view(1, 1, 8, 8))
    torch.testing.assert_close(logits[0, :3], torch.tensor(GOLDEN), atol=1e-4, rtol=1e-4)
    assert [type(m) for m in network.body[2::2]] == [nn.ReLU, nn.ReLU]


@pytest.mark.parametrize("hidden", [(), (3,), (3, 4, 5)])
def test_any_size(hidden: tuple[int, ...]) -> None:
    assert MLP((1, 2, 3), 2, hidden)(torch.rand(4, 3, 1, 2)).shape == (4, 2)


GOLDEN = [0.23677, -0.30087, 0.17616]
