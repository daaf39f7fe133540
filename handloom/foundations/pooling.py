"""Pooling: one number for each window of each channel, the largest or the mean.

It has no weights, makes maps smaller by its stride, and lets a feature move a little without a
change (max pooling: Zhou and Chellappa 1988). A mean is a convolution with the kernel 1 / (h w) on
each channel by itself; a maximum is not linear. Its gradient goes to the largest number alone,
that of a mean to all of the window in equal parts.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def max_pool(image: Tensor, side: int, stride: int | None = None) -> Tensor:
    """y[c, i, j] = max of x[c, i stride : i stride + side, j stride : j stride + side]."""
    return _pooled(image, side, stride, lambda window: window.amax((1, 2)))


def average_pool(image: Tensor, side: int, stride: int | None = None) -> Tensor:
    """y[c, i, j] = mean of the same window."""
    return _pooled(image, side, stride, lambda window: window.mean((1, 2)))


def _pooled(
    image: Tensor, side: int, stride: int | None, reduce: Callable[[Tensor], Tensor]
) -> Tensor:
    """image: (C, H, W); stride: by default the side, so that windows touch and do not overlap."""
    stride = stride or side
    channels, height, width = image.shape
    rows, columns = (height - side) // stride + 1, (width - side) // stride + 1
    y = torch.zeros(channels, rows, columns)
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            y[:, i, j] = reduce(image[:, top : top + side, left : left + side])
    return y
