"""Convolutions written out, beside PyTorch's and SciPy's."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import convolve2d
from torch.nn import functional as F

from handloom.foundations.convolution import (
    convolution,
    cross_correlation,
    dense_weights,
    output_size,
    pointwise,
    transposed_output_size,
    weights_needed,
)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_cross_correlation_is_conv2d(stride: int, padding: int) -> None:
    image, kernel, bias = torch.randn(3, 7, 9), torch.randn(2, 3, 3, 2), torch.randn(2)
    expected = F.conv2d(image[None], kernel, bias, stride, padding)[0]
    torch.testing.assert_close(cross_correlation(image, kernel, bias, stride, padding), expected)
    assert expected.shape[1] == output_size(7, 3, stride, padding)
    assert expected.shape[2] == output_size(9, 2, stride, padding)


def test_true_convolution_flips_the_kernel() -> None:
    image, kernel = torch.randn(6, 7), torch.randn(2, 3)
    expected = convolve2d(image.numpy(), kernel.numpy(), mode="valid")
    made = convolution(image[None], kernel[None, None])[0]
    np.testing.assert_allclose(made.numpy(), expected, rtol=1e-4, atol=1e-5)


@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(0, 3),
       st.integers(1, 3))  # fmt: skip
def test_output_sizes(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    if size + 2 * padding < dilation * (kernel - 1) + 1:
        return
    image, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    made = F.conv1d(image, weight, None, stride, padding, dilation).shape[2]
    assert made == output_size(size, kernel, stride, padding, dilation)


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 4), st.integers(0, 2))
def test_transposed_sizes(size: int, kernel: int, stride: int, padding: int) -> None:
    larger = transposed_output_size(size, kernel, stride, padding)
    if larger < 1:
        return
    image, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    assert F.conv_transpose1d(image, weight, None, stride, padding).shape[2] == larger
    assert output_size(larger, kernel, stride, padding) == size


def test_a_convolution_is_a_dense_layer_with_locality_and_shared_weights() -> None:
    image, kernel = torch.randn(5, 6), torch.randn(2, 3)
    V = dense_weights(kernel, 5, 6)
    dense = (V @ image.flatten()).view(4, 4)
    torch.testing.assert_close(dense, cross_correlation(image[None], kernel[None, None])[0])
    full, local, shared = weights_needed(5, 6, 2, 3)
    assert V.numel() == full
    assert int((V != 0).sum()) == local
    assert len(V[V != 0].unique()) == shared == 6


def test_1x1_is_a_dense_layer_on_every_pixel() -> None:
    image, linear = torch.randn(3, 4, 5), torch.nn.Linear(3, 2, bias=False)
    made = pointwise(image, linear.weight)
    torch.testing.assert_close(made, cross_correlation(image, linear.weight[:, :, None, None]))
    torch.testing.assert_close(made[:, 1, 2], linear(image[:, 1, 2]))
