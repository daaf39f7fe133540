"""Encoders and decoders: shapes at every size, the tutorials' own layers, labels, golden values."""

import itertools
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from handloom.models.generative.conv_autoencoder import ConvDecoder, ConvEncoder, corner
from handloom.models.generative.dense_autoencoder import DenseDecoder, DenseEncoder
from handloom.models.generative.residual_autoencoder import ResidualDecoder, ResidualEncoder

PAIRS: dict[str, Any] = {
    "dense": (DenseEncoder, DenseDecoder),
    "residual": (ResidualEncoder, ResidualDecoder),
    "residual, layers beside the code": (
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
        latent = 8 * corner(size[0]) * corner(size[1])
    else:
        latent = 5
        encoder, decoder = (part(size, latent) for part in PAIRS[kind])
    given = image(*size)
    code = encoder.code(given)
    assert code.shape == (3, latent)
    drawn = decoder.draw(code)
    assert drawn.shape == given.shape
    assert drawn.dtype == torch.float32
    assert 0 <= drawn.min() <= drawn.max() <= 1
    # Every pixel is reached by the weights, the outermost too, and none by another image.
    (slope,) = torch.autograd.grad(decoder(code)[1].sum(), code)
    assert slope[1].abs().sum() > 0
    assert slope[0].abs().sum() == 0


@pytest.mark.parametrize("side", range(8, 129))
def test_every_side_has_a_corner_and_comes_back(side: int) -> None:
    decoder = ConvDecoder((side, 8, 1))
    latent = torch.zeros(1, 8 * corner(side) * corner(8))
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
    given = image(*size)
    x = 2 * given - 1
    code = theirs[0](x.flatten(1) if kind == "dense" else x)
    assert torch.allclose(ours[0].code(given), code.flatten(1), atol=1e-5)
    wanted = (theirs[1](code).view_as(given) + 1) / 2
    assert torch.allclose(ours[1].draw(code.flatten(1)), wanted, atol=1e-5)
    count = sum(p.numel() for network in ours for p in network.parameters())
    assert count == sum(p.numel() for network in theirs for p in network.parameters())


@pytest.mark.parametrize("kind", PAIRS)
def test_labels_change_both_ways(kind: str) -> None:
    size = (8, 8, 1)
    torch.manual_seed(0)
    encoder, decoder = (part(size, 4, classes=3) for part in PAIRS[kind])
    given, label = image(*size), torch.tensor([0, 1, 2])
    assert not torch.allclose(encoder(given, label), encoder(given, label.flip(0)))
    latent = torch.randn(3, 4)
    assert not torch.allclose(decoder(latent, label), decoder(latent, label.flip(0)))
    for ask in (lambda: encoder(given), lambda: decoder(latent)):
        with pytest.raises(ValueError, match="label"):
            ask()


@pytest.mark.parametrize("kind", PAIRS)
def test_variational_encoders_answer_twice(kind: str) -> None:
    encoder = PAIRS[kind][0]((8, 8, 1), 4, variational=True)
    given = image(8, 8, 1)
    assert encoder(given).shape == (3, 8)
    assert torch.equal(encoder.code(given), encoder(given)[:, :4])


def test_residual_blocks_begin_as_the_identity() -> None:
    from handloom.models.generative.residual_autoencoder import Block

    maps = torch.randn(2, 8, 4, 4)
    assert torch.equal(Block(8)(maps), maps)


@pytest.mark.parametrize("squash", ["tanh", "sigmoid"])
@pytest.mark.parametrize("kind", PAIRS)
def test_a_decoder_begins_at_the_mean_image(kind: str, squash: str) -> None:
    torch.manual_seed(0)
    decoder = PAIRS[kind][1]((8, 8, 3), 4, squash=squash)
    mean = torch.tensor([0.1, 0.5, 0.9]).view(3, 1, 1).expand(3, 8, 8)
    decoder.begin_at(mean)
    drawn = decoder.draw(torch.zeros(50, 4)).mean(0)
    assert (drawn.mean((1, 2)) - mean[:, 0, 0]).abs().max() < 0.1
    decoder.begin_at(torch.zeros(3, 8, 8))
    assert decoder(torch.zeros(1, 4)).isfinite().all()
