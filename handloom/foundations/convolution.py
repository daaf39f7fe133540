"""Convolution, as networks mean it: one small kernel that slides over an image.

Notation and sizes follow Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep
learning", arXiv:1603.07285; the way from a dense layer follows Zhang et al., "Dive into Deep
Learning", section 7.1. Images are (C, H, W), without a batch, and loops are loops: PyTorch's
`conv2d`, to which the tests compare, computes the same some thousand times faster.
"""

import torch
from torch import Tensor


def output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1: relationships 1 to 6 of
    the paper, and 15 with dilation. With stride 1 and padding (kernel - 1) / 2 the size stays."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def transposed_output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """(size - 1) stride - 2 padding + kernel: what a transposed convolution makes of `size`, which
    is a size that the convolution turns into it (relationship 13)."""
    return (size - 1) * stride - 2 * padding + kernel


def cross_correlation(
    image: Tensor,
    kernel: Tensor,
    bias: Tensor | None = None,
    stride: int = 1,
    padding: int = 0,
) -> Tensor:
    """y[o, i, j] = bias[o] + sum over c, a, b of kernel[o, c, a, b] x[c, i s + a, j s + b], s the
    stride.

    image: (C, H, W), x with `padding` zeros on every side. kernel: (O, C, h, w). Every output
    channel has a kernel for every input channel, and sums over them. Returns (O, H', W').
    """
    x = padded(image, padding)
    outputs, _, h, w = kernel.shape
    rows, columns = (x.shape[1] - h) // stride + 1, (x.shape[2] - w) // stride + 1
    y = torch.zeros(outputs, rows, columns)
    for o in range(outputs):
        for i in range(rows):
            for j in range(columns):
                top, left = i * stride, j * stride
                window = x[:, top : top + h, left : left + w]  # (C, h, w)
                y[o, i, j] = (kernel[o] * window).sum()
    return y if bias is None else y + bias[:, None, None]


def convolution(image: Tensor, kernel: Tensor) -> Tensor:
    """What mathematics calls a convolution: y[i, j] = sum kernel[a, b] x[i - a, j - b], where the
    kernel is flipped in both directions. A kernel that is learned comes out flipped or not, so
    networks save themselves the flip, and keep the name."""
    return cross_correlation(image, kernel.flip(2, 3))


def padded(image: Tensor, padding: int) -> Tensor:
    """`padding` rows and columns of zeros around an image (C, H, W)."""
    channels, height, width = image.shape
    whole = torch.zeros(channels, height + 2 * padding, width + 2 * padding)
    whole[:, padding : padding + height, padding : padding + width] = image
    return whole


def dense_weights(kernel: Tensor, height: int, width: int) -> Tensor:
    """The dense layer that a convolution is: a matrix V (H' W', H W) with y = V x, row by row.

    A dense layer has a weight from every pixel to every output. Two wishes make it a convolution:

        locality        V[(i, j), (k, l)] = 0 unless 0 <= k - i < h and 0 <= l - j < w
        shared weights  V[(i, j), (i + a, j + b)] = kernel[a, b], whatever (i, j) is

    kernel: (h, w); height, width: of the image.
    """
    h, w = kernel.shape
    rows, columns = output_size(height, h), output_size(width, w)
    V = torch.zeros(rows, columns, height, width)
    for i in range(rows):
        for j in range(columns):
            V[i, j, i : i + h, j : j + w] = kernel
    return V.reshape(rows * columns, height * width)


def weights_needed(height: int, width: int, h: int, w: int) -> tuple[int, int, int]:
    """How many weights a dense layer has, one with locality, and one that shares them as well."""
    outputs = output_size(height, h) * output_size(width, w)
    return outputs * height * width, outputs * h * w, h * w


def pointwise(image: Tensor, weight: Tensor) -> Tensor:
    """A 1x1 convolution: one dense layer, weight (O, C), on the channels of every pixel by itself.

    y[o, i, j] = sum over c of weight[o, c] x[c, i, j]. It mixes channels, not places (Lin et al.
    2014, "Network in network", arXiv:1312.4400).
    """
    channels, height, width = image.shape
    pixels = image.reshape(channels, height * width).T  # (H W, C): a batch of pixels
    return (pixels @ weight.T).T.reshape(-1, height, width)
