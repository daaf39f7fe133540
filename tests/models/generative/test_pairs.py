"""Generators and critics: shapes, ranges, sizes, labels, the tutorials' own numbers."""

from functools import partial

import pytest
import torch
from torch import nn

from handloom.errors import UserError
from handloom.models.generative.dcgan import DCGANCritic, DCGANGenerator
from handloom.models.generative.dense_pair import DenseCritic, DenseGenerator
from handloom.models.generative.resnet_pair import ResNetCritic, ResNetGenerator

PAIRS = {
    "dense": (DenseGenerator, DenseCritic),
    "dcgan": (DCGANGenerator, DCGANCritic),
    "resnet": (ResNetGenerator, ResNetCritic),
    "resnet, few channels at full size": (partial(ResNetGenerator, full=8), ResNetCritic),
}
SIZES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (30, 45, 3), (64, 64, 3)]


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", list(PAIRS))
def test_shapes_at_every_size(kind: str, size: tuple[int, int, int]) -> None:
    generator_kind, critic_kind = PAIRS[kind]
    generator, critic = generator_kind(size, 16), critic_kind(size)
    image = generator.draw(torch.randn(4, 16))
    height, width, channels = size
    assert image.shape == (4, channels, height, width)
    assert image.dtype == torch.float32
    assert 0 <= image.min() <= image.max() <= 1
    score = critic(image)
    assert score.shape == (4,)
    score.sum().backward()
    for network in (generator, critic):
        assert all(p.grad is not None for p in network.parameters())


@pytest.mark.parametrize("kind", list(PAIRS))
def test_labels_change_what_is_drawn_and_said(kind: str) -> None:
    torch.manual_seed(0)
    generator_kind, critic_kind = PAIRS[kind]
    generator = generator_kind((28, 28, 1), 16, classes=3).eval()
    critic = critic_kind((28, 28, 1), classes=3).eval()
    latent, first, second = torch.randn(4, 16), torch.zeros(4).long(), torch.ones(4).long()
    image = generator.draw(latent, first)
    assert not torch.equal(image, generator.draw(latent, second))
    assert not torch.equal(critic(image, first), critic(image, second))
    with pytest.raises(ValueError, match="label"):
        generator.draw(latent)
    with pytest.raises(ValueError, match="label"):
        critic(image)


@pytest.mark.parametrize("kind", list(PAIRS))
def test_evaluation_is_repeatable(kind: str) -> None:
    generator = PAIRS[kind][0]((28, 28, 1), 16).eval()
    latent = torch.randn(3, 16)
    assert torch.equal(generator.draw(latent), generator(latent))


def test_the_tutorials_networks() -> None:
    dense = 96 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 * 784 + 784
    assert count(DenseGenerator((28, 28, 1))) == dense
    assert count(DenseCritic((28, 28, 1))) == 784 * 256 + 256 + 256 * 256 + 256 + 256 + 1
    first = 96 * 1024 + 1024 + 2 * 1024 + 1024 * 6272 + 6272 + 2 * 6272
    second = 128 * 64 * 16 + 64 + 2 * 64 + 64 * 16 + 1
    assert count(DCGANGenerator((28, 28, 1))) == first + second
    convolutions = 32 * 25 + 32 + 64 * 32 * 25 + 64
    assert count(DCGANCritic((28, 28, 1))) == convolutions + 1024 * 1024 + 1024 + 1024 + 1


def test_no_batch_norm_in_a_critic() -> None:
    for _, kind in PAIRS.values():
        norms = nn.modules.batchnorm._BatchNorm
        assert not any(isinstance(m, norms) for m in kind((28, 28, 1)).modules())


def test_images_too_small_are_refused() -> None:
    with pytest.raises(UserError, match=r"^the images are 7x7, but dcgan and resnet need 8x8"):
        DCGANGenerator((7, 7, 1), 16)
