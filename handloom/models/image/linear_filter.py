"""A filter: one convolution, whose kernel is all it has."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LinearFilter(nn.Module):
    """Slides a kernel over an image, without padding and without flipping it.

    y[o, i, j] = sum over c, a, b of kernel[o, c, a, b] x[c, i + a, j + b], plus bias[o]: what deep
    learning calls a convolution, and mathematics a cross-correlation.

    inputs, outputs: channels. height, width: of the kernel, pixels. bias: whether a constant is
    added. The kernel begins as that of nn.Conv2d, uniform within 1 / sqrt(numbers in it).
    """

    def __init__(
        self, inputs: int, outputs: int, height: int, width: int, bias: bool = False
    ) -> None:
        super().__init__()
        bound = (inputs * height * width) ** -0.5
        self.kernel = nn.Parameter(torch.empty(outputs, inputs, height, width))
        nn.init.uniform_(self.kernel, -bound, bound)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, image: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H - height + 1, W - width + 1)."""
        return F.conv2d(image, self.kernel, self.bias)  # type: ignore[no-any-return]
