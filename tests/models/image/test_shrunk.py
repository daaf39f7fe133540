"""A network that looks at smaller copies of its images."""

import torch

from handloom.models.image.resnet import ResNet
from handloom.models.image.shrunk import Shrunk, shrunk_size


def test_large_images_are_means_over_areas() -> None:
    torch.manual_seed(0)
    network = ResNet((8, 8, 1), 3, width=8).eval()
    shrunk = Shrunk(network, (8, 8)).eval()
    small = torch.rand(5, 1, 8, 8)
    large = small.repeat_interleave(4, 2).repeat_interleave(4, 3)
    assert torch.equal(shrunk(small), network(small))
    assert torch.allclose(shrunk(large), network(small), atol=1e-5)
    assert torch.allclose(shrunk.head(shrunk.features(large)), shrunk(large))


def test_sides_keep_their_ratio() -> None:
    assert shrunk_size(28, 28, 64) == (28, 28)
    assert shrunk_size(256, 128, 64) == (64, 32)
    assert shrunk_size(4, 1000, 64) == (4, 64)
