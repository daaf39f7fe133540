"""LeNet with sigmoids."""

import math

import pytest
import torch
from torch import nn

from handloom.errors import UserError
from handloom.models.image.lenet import LeNet


def test_tutorial_sizes() -> None:
    network = LeNet((28, 28, 1), 10)
    assert network(torch.rand(3, 1, 28, 28)).shape == (3, 10)
    assert network.features(torch.rand(3, 1, 28, 28)).shape == (3, 84)
    assert sum(p.numel() for p in network.parameters()) == 61_706


def test_weights_are_xavier_uniform() -> None:
    linear = LeNet((28, 28, 1), 10).body[7]
    assert isinstance(linear, nn.Linear)
    weight = linear.weight  # (120, 400)
    limit = math.sqrt(6 / (120 + 400))
    assert 0.99 * limit < weight.abs().max() <= limit
    assert weight.std().item() == pytest.approx(limit / math.sqrt(3), rel=0.02)


@pytest.mark.parametrize("size", [(4, 4, 1), (8, 8, 1), (11, 30, 3), (12, 12, 1), (33, 47, 3)])
def test_sizes_adapt(size: tuple[int, int, int]) -> None:
    height, width, channels = size
    assert LeNet(size, 7)(torch.rand(2, channels, height, width)).shape == (2, 7)


def test_too_small_names_the_smallest_size() -> None:
    with pytest.raises(UserError, match=r"^the images.*9x3.*at least 4x4.*--size 4.*mlp$"):
        LeNet((3, 9, 1), 10)


def test_deterministic_golden_value() -> None:
    torch.manual_seed(0)
    network = LeNet((8, 8, 1), 10)
    logits = network(torch.linspace(0, 1, 64).view(1, 1, 8, 8))
    torch.testing.assert_close(logits[0, :3], torch.tensor(GOLDEN), atol=1e-4, rtol=1e-4)


GOLDEN = [0.29876, 0.11071, 0.46049]
