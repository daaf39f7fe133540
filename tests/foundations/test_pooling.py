"""Pooling written out, beside PyTorch's."""

import pytest
import torch
from torch.nn import functional as F

from handloom.foundations.convolution import cross_correlation
from handloom.foundations.pooling import average_pool, max_pool


@pytest.mark.parametrize(("side", "stride"), [(2, None), (3, 2), (2, 1)])
def test_equals_torchs(side: int, stride: int | None) -> None:
    image = torch.randn(2, 7, 9)
    expected = F.max_pool2d(image[None], side, stride)[0]
    torch.testing.assert_close(max_pool(image, side, stride), expected)
    expected = F.avg_pool2d(image[None], side, stride)[0]
    torch.testing.assert_close(average_pool(image, side, stride), expected)


def test_a_mean_is_a_convolution_and_a_maximum_is_not_linear() -> None:
    image = torch.randn(1, 6, 6)
    kernel = torch.full((1, 1, 2, 2), 1 / 4)
    torch.testing.assert_close(average_pool(image, 2), cross_correlation(image, kernel, stride=2))
    assert not torch.allclose(max_pool(-image, 2), -max_pool(image, 2))


def test_the_gradient_of_a_maximum_goes_to_the_largest() -> None:
    image = torch.tensor([[[1.0, 4.0], [3.0, 2.0]]], requires_grad=True)
    max_pool(image, 2).sum().backward()
    assert image.grad is not None
    assert image.grad.tolist() == [[[0, 1], [0, 0]]]
