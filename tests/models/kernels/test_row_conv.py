"""Convolutions over gathered rows are torch's own, gradients too."""

import pytest
import torch
from torch import Tensor, nn

from handloom.models.generative.conv_autoencoder import ConvDecoder, ConvEncoder, corner
from handloom.models.kernels.row_conv import Pick, Table, TransposedRows, places, under_kernel


def rows_of(image: Tensor) -> Tensor:
    return image.permute(0, 2, 3, 1).reshape(-1, image.shape[1])


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 2, 1), (2, 2, 0), (5, 3, 2)])
def test_a_convolution_is_a_gather_and_a_product(kernel: int, stride: int, padding: int) -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(3, 4, kernel, stride, padding)
    image = torch.randn(2, 3, 7, 9, requires_grad=True)
    index = under_kernel(places(7, 9), (kernel,) * 2, (stride,) * 2, (padding,) * 2)
    rows = Table(index, 63)(rows_of(image))
    found = rows @ layer.weight.permute(2, 3, 1, 0).reshape(-1, 4) + layer.bias
    wanted = layer(image)
    assert torch.allclose(found, rows_of(wanted), atol=1e-5)
    noise = torch.randn_like(wanted)
    (mine,) = torch.autograd.grad((found * rows_of(noise)).sum(), image)
    (theirs,) = torch.autograd.grad((wanted * noise).sum(), image)
    assert torch.allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(3, 2, 0), (5, 3, 1), (2, 2, 1), ((3, 5), (1, 3), 1)]
)
def test_a_transposed_convolution_too(kernel: int, stride: int, padding: int) -> None:
    torch.manual_seed(0)
    layer = nn.ConvTranspose2d(3, 4, kernel, stride, padding)
    image = torch.randn(2, 3, 4, 5)
    wanted = layer(image)
    over = TransposedRows(layer, places(4, 5), 20, (wanted.shape[2], wanted.shape[3]))
    found = over(rows_of(image)).view(2, over.rows, 4)[:, over.place.flatten() - 1]
    assert torch.allclose(found.flatten(0, 1), rows_of(wanted), atol=1e-5)


def test_a_column_picked_and_zeros() -> None:
    given = torch.arange(6.0).view(2, 3).requires_grad_()
    found = Pick(torch.tensor([3, 0, 1]), 3)(given)
    assert found.tolist() == [[2, 0, 0], [5, 0, 3]]
    (slope,) = torch.autograd.grad((found * torch.tensor([1.0, 2.0, 3.0])).sum(), given)
    assert slope.tolist() == [[3, 0, 1], [3, 0, 1]]


@pytest.mark.parametrize("size", [(28, 28, 1), (8, 8, 1), (17, 30, 3), (32, 32, 3)])
def test_rows_and_layers_agree_on_answers_and_gradients(size: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    encoder, decoder = ConvEncoder(size), ConvDecoder(size)
    image = torch.rand(3, size[2], *size[:2])
    latent = torch.randn(3, 8 * corner(size[0]) * corner(size[1]), requires_grad=True)
    cut = lambda maps: maps[:, :, : size[0], : size[1]]
    pairs = [
        (encoder(image), encoder.body(2 * image - 1), list(encoder.parameters())),
        (
            decoder(latent),
            cut(decoder.body(latent.view(-1, *decoder.start))),
            [latent, *decoder.parameters()],
        ),
    ]
    for mine, wanted, parameters in pairs:
        assert torch.allclose(mine, wanted, atol=1e-5)
        noise = torch.randn_like(wanted)
        for one, other in zip(
            torch.autograd.grad((mine * noise).sum(), parameters),
            torch.autograd.grad((wanted * noise).sum(), parameters),
            strict=True,
        ):
            assert torch.allclose(one, other, atol=1e-4)


def test_another_size_of_batch() -> None:
    encoder = ConvEncoder((8, 8, 1))
    image = torch.rand(9, 1, 8, 8)
    whole = encoder(image)
    for count in (1, 2, 3, 4, 5, 6, 9):
        assert torch.allclose(encoder(image[:count]), whole[:count], atol=1e-6)
