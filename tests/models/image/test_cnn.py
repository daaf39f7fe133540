"""The tutorial's three convolutions."""

import pytest
import torch

from handloom.errors import UserError
from handloom.models.image.cnn import CNN


def test_tutorial_sizes() -> None:
    network = CNN((32, 32, 3), 10)
    assert network(torch.rand(3, 3, 32, 32)).shape == (3, 10)
    assert network.features(torch.rand(3, 3, 32, 32)).shape == (3, 512)
    convolutions = (27 + 1) * 16 + (144 + 1) * 32 + (288 + 1) * 64
    assert sum(p.numel() for p in network.parameters()) == convolutions + 1025 * 512 + 513 * 10


@pytest.mark.parametrize("size", [(8, 8, 1), (8, 11, 3), (28, 28, 1), (33, 17, 4)])
def test_sizes_adapt(size: tuple[int, int, int]) -> None:
    height, width, channels = size
    assert CNN(size, 7)(torch.rand(2, channels, height, width)).shape == (2, 7)


def test_too_small_names_the_smallest_size() -> None:
    with pytest.raises(UserError, match=r"^the images.*12x7.*at least 8x8.*--size 8.*mlp$"):
        CNN((7, 12, 3), 10)


def test_deterministic_golden_value() -> None:
    torch.manual_seed(0)
    network = CNN((8, 8, 1), 10)
    image = torch.linspace(0, 1, 64).view(1, 1, 8, 8)
    logits = network(image)
    torch.testing.assert_close(logits[0, :3], torch.tensor(GOLDEN), atol=1e-4, rtol=1e-4)
    network.to(memory_format=torch.channels_last)
    image = image.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(network(image), logits, atol=1e-5, rtol=1e-5)


GOLDEN = [-0.11727, -0.01039, 0.00446]
