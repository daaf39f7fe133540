"""Generators and discriminators: shapes, ranges, sizes, labels, the tutorials' parameter counts."""

from functools import partial

import pytest
import torch
from torch import nn

from handloom.errors import UserError
from handloom.models.generative.dcgan import DCGANDiscriminator, DCGANGenerator
from handloom.models.generative.dense_gan import DenseDiscriminator, DenseGenerator
from handloom.models.generative.resnet_gan import ResNetDiscriminator, ResNetGenerator

PAIRS = {
    "dense": (DenseGenerator, DenseDiscriminator),
    "dcgan": (DCGANGenerator, DCGANDiscriminator),
    "resnet": (ResNetGenerator, ResNetDiscriminator),
    "resnet, few channels at full size": (
        partial(ResNetGenerator, full_width=8),
        ResNetDiscriminator,
    ),
}
SIZES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (30, 45, 3), (64, 64, 3)]


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", list(PAIRS))
def test_shapes_at_every_size(kind: str, size: tuple[int, int, int]) -> None:
    generator_kind, discriminator_kind = PAIRS[kind]
    generator, discriminator = generator_kind(size, 16), discriminator_kind(size)
    image = generator.generate(torch.randn(4, 16))
    height, width, channels = size
    assert image.shape == (4, channels, height, width)
    assert image.dtype == torch.float32
    assert 0 <= image.min() <= image.max() <= 1
    score = discriminator(image)
    assert score.shape == (4,)
    score.sum().backward()
    for network in (generator, discriminator):
        assert all(p.grad is not None for p in network.parameters())


@pytest.mark.parametrize("kind", list(PAIRS))
def test_labels_change_images_and_scores(kind: str) -> None:
    torch.manual_seed(0)
    generator_kind, discriminator_kind = PAIRS[kind]
    generator = generator_kind((28, 28, 1), 16, classes=3).eval()
    discriminator = discriminator_kind((28, 28, 1), classes=3).eval()
    latent, first, second = torch.randn(4, 16), torch.zeros(4).long(), torch.ones(4).long()
    image = generator.generate(latent, first)
    assert not torch.equal(image, generator.generate(latent, second))
    assert not torch.equal(discriminator(image, first), discriminator(image, second))
    with pytest.raises(ValueError, match="label"):
        generator.generate(latent)
    with pytest.raises(ValueError, match="label"):
        discriminator(image)


@pytest.mark.parametrize("kind", list(PAIRS))
def test_evaluation_is_repeatable(kind: str) -> None:
    generator = PAIRS[kind][0]((28, 28, 1), 16).eval()
    latent = torch.randn(3, 16)
    assert torch.equal(generator.generate(latent), generator(latent))


def test_parameter_counts_of_the_tutorials() -> None:
    dense = 96 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 * 784 + 784
    assert count(DenseGenerator((28, 28, 1))) == dense
    assert count(DenseDiscriminator((28, 28, 1))) == 784 * 256 + 256 + 256 * 256 + 256 + 256 + 1
    first = 96 * 1024 + 1024 + 2 * 1024 + 1024 * 6272 + 6272 + 2 * 6272
    second = 128 * 64 * 16 + 64 + 2 * 64 + 64 * 16 + 1
    assert count(DCGANGenerator((28, 28, 1))) == first + second
    convolutions = 32 * 25 + 32 + 64 * 32 * 25 + 64
    assert count(DCGANDiscriminator((28, 28, 1))) == convolutions + 1024 * 1024 + 1024 + 1024 + 1


def test_no_batch_norm_in_a_discriminator() -> None:
    for _, kind in PAIRS.values():
        norms = nn.modules.batchnorm._BatchNorm
        assert not any(isinstance(m, norms) for m in kind((28, 28, 1)).modules())


def test_images_too_small_are_refused() -> None:
    with pytest.raises(UserError, match=r"^the images are 7x7, but dcgan and resnet need at least"):
        DCGANGenerator((7, 7, 1), 16)
