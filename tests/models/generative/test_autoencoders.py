"""Encoders and decoders: shapes at every size, the tutorials' own layers, labels, golden values."""

import itertools
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from handloom.models.generative.conv_autoencoder import ConvDecoder, ConvEncoder, latent_side
from handloom.models.generative.dense_autoencoder import DenseDecoder, DenseEncoder
from handloom.models.generative.residual_autoencoder import ResidualDecoder, ResidualEncoder

PAIRS: dict[str, Any] = {
    "dense": (DenseEncoder, DenseDecoder),
    "residual": (ResidualEncoder, ResidualDecoder),
    "residual with hidden layers": (
        partial(ResidualEncoder, hidden=24),
        partial(ResidualDecoder, hidden=24),
    ),
}


def image(*size: int, count: int = 3) -> Tensor:
    return torch.rand(count, size[2], size[0], size[1], generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    "size", [(8, 8, 1), (9, 15, 3), (28, 28, 1), (32, 32, 3), (50, 37, 1), (64, 64, 3)]
)
@pytest.mark.parametrize("kind", [*PAIRS, "conv"])
def test_images_come_back_in_their_size(kind: str, size: tuple[int, int, int]) -> None:
    if kind == "conv":
        encoder, decoder = ConvEncoder(size), ConvDecoder(size)
        latent_dim = 8 * latent_side(size[0]) * latent_side(size[1])
    else:
        latent_dim = 5
        encoder, decoder = (part(size, latent_dim) for part in PAIRS[kind])
    pixels = image(*size)
    latent = encoder(pixels)
    assert latent.shape == (3, latent_dim) == (3, encoder.latent_dim)
    generated = decoder.generate(latent)
    assert generated.shape == pixels.shape
    assert generated.dtype == torch.float32
    assert 0 <= generated.min() <= generated.max() <= 1
    # Every pixel is reached by the weights, the outermost too, and none by another image.
    (gradient,) = torch.autograd.grad(decoder(latent)[1].sum(), latent)
    assert gradient[1].abs().sum() > 0
    assert gradient[0].abs().sum() == 0


@pytest.mark.parametrize("side", range(8, 129))
def test_every_side_is_decoded_to_its_size(side: int) -> None:
    decoder = ConvDecoder((side, 8, 1))
    latent = torch.zeros(1, 8 * latent_side(side) * latent_side(8))
    assert decoder(latent).shape == (1, 1, side, 8)


def test_large_images_in_colour() -> None:
    assert ResidualDecoder((256, 256, 3), 4, width=4)(torch.zeros(1, 4)).shape == (1, 3, 256, 256)
    assert ResidualEncoder((256, 256, 3), 4, width=4)(image(256, 256, 3)).shape == (3, 4)


def tutorial_conv() -> tuple[nn.Sequential, nn.Sequential]:
    """The listing's layers."""
    encoder = nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(16, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2, 1),
    )
    decoder = nn.Sequential(
        nn.ConvTranspose2d(8, 16, 3, 2),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 5, 3, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 2, 2, padding=1),
        nn.Tanh(),
    )
    return encoder, decoder


def tutorial_dense() -> tuple[nn.Sequential, nn.Sequential]:
    """The listing's layers."""
    widths = (784, 128, 64, 12, 3)
    encoder, decoder = list[nn.Module](), list[nn.Module]()
    for before, after in itertools.pairwise(widths):
        encoder += [nn.Linear(before, after), nn.ReLU()]
        decoder = [nn.Linear(after, before), nn.ReLU(), *decoder]
    return nn.Sequential(*encoder[:-1]), nn.Sequential(*decoder[:-1], nn.Tanh())


def weights_of(source: nn.Module, target: nn.Module) -> None:
    """Copy all parameters, in their order."""
    with torch.no_grad():
        for mine, theirs in zip(target.parameters(), source.parameters(), strict=True):
            mine.copy_(theirs)


@pytest.mark.parametrize("kind", ["dense", "conv"])
def test_the_tutorials_networks_to_the_letter(kind: str) -> None:
    size = (28, 28, 1)
    theirs = tutorial_dense() if kind == "dense" else tutorial_conv()
    ours = (
        (DenseEncoder(size, 3), DenseDecoder(size, 3))
        if kind == "dense"
        else (ConvEncoder(size), ConvDecoder(size))
    )
    for source, target in zip(theirs, ours, strict=True):
        weights_of(source, target)
    pixels = image(*size)
    x = 2 * pixels - 1
    latent = theirs[0](x.flatten(1) if kind == "dense" else x)
    assert torch.allclose(ours[0](pixels), latent.flatten(1), atol=1e-5)
    expected = (theirs[1](latent).view_as(pixels) + 1) / 2
    assert torch.allclose(ours[1].generate(latent.flatten(1)), expected, atol=1e-5)
    count = sum(p.numel() for network in ours for p in network.parameters())
    assert count == sum(p.numel() for network in theirs for p in network.parameters())


@pytest.mark.parametrize("kind", PAIRS)
def test_labels_change_latents_and_images(kind: str) -> None:
    size = (8, 8, 1)
    torch.manual_seed(0)
    encoder, decoder = (part(size, 4, classes=3) for part in PAIRS[kind])
    pixels, label = image(*size), torch.tensor([0, 1, 2])
    assert not torch.allclose(encoder(pixels, label), encoder(pixels, label.flip(0)))
    latent = torch.randn(3, 4)
    assert not torch.allclose(decoder(latent, label), decoder(latent, label.flip(0)))
    for ask in (lambda: encoder(pixels), lambda: decoder(latent)):
        with pytest.raises(ValueError, match="label"):
            ask()


@pytest.mark.parametrize("kind", PAIRS)
def test_variational_encoders_return_means_and_log_variances(kind: str) -> None:
    encoder = PAIRS[kind][0]((8, 8, 1), 4, variational=True)
    pixels = image(8, 8, 1)
    assert encoder(pixels).shape == (3, 8)
    assert encoder.latent_dim == 4


def test_residual_blocks_begin_as_the_identity() -> None:
    from handloom.models.generative.residual_autoencoder import Block

    maps = torch.randn(2, 8, 4, 4)
    assert torch.equal(Block(8)(maps), maps)


@pytest.mark.parametrize("squash", ["tanh", "sigmoid"])
@pytest.mark.parametrize("kind", PAIRS)
def test_a_decoder_begins_at_the_mean_image(kind: str, squash: str) -> None:
    torch.manual_seed(0)
    decoder = PAIRS[kind][1]((8, 8, 3), 4, output_activation=squash)
    mean = torch.tensor([0.1, 0.5, 0.9]).view(3, 1, 1).expand(3, 8, 8)
    decoder.start_at(mean)
    generated = decoder.generate(torch.zeros(50, 4)).mean(0)
    assert (generated.mean((1, 2)) - mean[:, 0, 0]).abs().max() < 0.1
    decoder.start_at(torch.zeros(3, 8, 8))
    assert decoder(torch.zeros(1, 4)).isfinite().all()
