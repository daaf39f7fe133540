"""How much of the image a number deep in a network can depend on.

A layer with kernel k and stride s, above layers that see r pixels and whose neighbours are j pixels
apart, sees

    r' = r + (k - 1) j        j' = j s

(Araujo et al. 2019, "Computing receptive fields of convolutional neural networks", eq. 2, written
forwards). It starts with r = j = 1, a pixel. Two 3x3 layers see as much as one of 5x5, with 18
weights instead of 25 and a nonlinearity between them (Simonyan and Zisserman 2015).
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Slide(NamedTuple):
    """Kernel and stride of a convolution or a pooling, in one direction."""

    kernel: int
    stride: int = 1


def receptive_field(layers: Iterable[Slide]) -> int:
    """Side in pixels of what the last layer of a stack sees."""
    field, apart = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * apart
        apart *= stride
    return field


def seen(network: nn.Module, image: Tensor) -> Tensor:
    """Which pixels the middle output depends on, bool (H, W): those with a gradient.

    image: (1, C, H, W), of random numbers, so that no gradient is 0 by chance.
    """
    image = image.clone().requires_grad_()
    output = network(image)  # (1, O, H', W')
    middle = output[0, :, output.shape[2] // 2, output.shape[3] // 2]
    (gradient,) = torch.autograd.grad(middle.sum(), image)
    return (gradient[0] != 0).any(0)
