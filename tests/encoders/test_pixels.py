"""The pixels of a small copy as features."""

import torch

from handloom import encoders
from handloom.encoders.pixels import SIDE, architecture


def test_pixels_around_zero() -> None:
    found = encoders.find("pixels")
    image = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, SIDE, SIDE, 3)
    features = found(image)
    assert found.width == features.shape[1] == 3 * SIDE * SIDE
    assert features.unique(dim=1).tolist() == [[-1.0], [1.0]]
    assert architecture().published is None


def test_pixels_of_the_tutorial() -> None:
    found = encoders.find("pixels:224")
    image = torch.randint(256, (2, 224, 224, 3), dtype=torch.uint8)
    features = found(image)
    assert features.shape == (2, 150_528)
    expected = image.permute(0, 3, 1, 2).flatten(1) / 255
    assert torch.allclose(features, expected, atol=1e-6)
