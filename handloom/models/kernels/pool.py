"""The two 2x2 pools of small networks, written with the operators that are fast on CPUs.

torch's own pools take 30-40 % of a small CNN's training step on a CPU. Bit patterns of IEEE
floats that are not negative order like integers, so in channels-last memory a maximum, and the
choice of who gets the gradient, are a few passes of integer `max`, `sub`, `and` and `xor` over
long rows. Forward and backward in bfloat16 at (256, 16, 32, 32) took 1.3 ms instead of 2.3 ms on
two cores with AVX-512, at (256, 32, 16, 16) 0.44 instead of 1.13, the average at (256, 6, 28, 28)
0.42 instead of 2.06. Booleans, `where` and `amax` are what made other ways slower.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handloom.models import kernels

# Integer of the same width, and the pattern of minus infinity in it. Whatever is negative is
# lifted to minus infinity, not to 0: the patterns above it are the NaNs with the sign bit set,
# which x86 makes of `inf - inf` and which a clamp at 0 would turn into an innocent 0.
INTEGERS = {torch.bfloat16: (torch.int16, -(2**7)), torch.float32: (torch.int32, -(2**23))}
FLOATS = {torch.int16: torch.bfloat16, torch.int32: torch.float32}


class ReLUMaxPool2d(nn.Module):
    """ReLU and 2x2 max pooling in one: `F.max_pool2d(F.relu(image), 2)`.

    (B, C, H, W) -> (B, C, H // 2, W // 2), any size, as torch floors it. The fast way is for
    channels-last bfloat16 and float32 on the CPU; everything else goes to torch.

    inplace: the image may be overwritten, as by `nn.ReLU(inplace=True)`; a convolution's answer
    may, since its gradient does not need it (13 % of cnn's step, 12.6 against 14.4 ms).

    Differences: of equal maxima the upper, then the left one gets the gradient, column by column
    (torch: row by row); a NaN whose sign bit is set is overlooked beside a positive value.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, image: Tensor) -> Tensor:
        if not is_fast(image):
            return F.max_pool2d(F.relu(image), 2)
        pooled: Tensor = _ReLUMaxPool.apply(even(image), self.inplace)
        return pooled


class AvgPool2d(nn.Module):
    """2x2 average pooling: `F.avg_pool2d(image, 2)`, (B, C, H, W) -> (B, C, H // 2, W // 2).

    Channels-last bfloat16 and float32 on the CPU are added row to row, then column to column;
    everything else goes to torch.

    Differences: bfloat16 sums of two rows are rounded before they are added, torch's only after.
    """

    def forward(self, image: Tensor) -> Tensor:
        if not is_fast(image):
            return F.avg_pool2d(image, 2)
        pooled: Tensor = _AvgPool.apply(even(image))
        return pooled


def is_fast(image: Tensor) -> bool:
    """Whether `image` (B, C, H, W) is of the kind that the integer passes are written for."""
    return (
        kernels.enabled
        and image.device.type == "cpu"
        and image.dtype in INTEGERS
        and image.is_contiguous(memory_format=torch.channels_last)
        and min(image.shape[2:]) > 1
        and image.numel() > 0
    )


def even(image: Tensor) -> Tensor:
    """`image` without the last row or column that a 2x2 window cannot fill."""
    height, width = image.shape[2:]
    if height % 2 == 0 and width % 2 == 0:
        return image
    return image[:, :, : height // 2 * 2, : width // 2 * 2]


class _ReLUMaxPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, inplace: bool) -> Tensor:
        batch, channels, height, width = image.shape
        integer, lowest = INTEGERS[image.dtype]
        sign = integer.itemsize * 8 - 1
        pattern = image.permute(0, 2, 3, 1).contiguous().view(integer)
        pattern = pattern.clamp_min_(lowest) if inplace else pattern.clamp_min(lowest)
        rows = pattern.view(-1, 2, width * channels)
        column = torch.maximum(rows[:, 0], rows[:, 1]).view(-1, 2, channels)
        largest = torch.maximum(column[:, 0], column[:, 1])
        pooled = largest.view(image.dtype).clamp_min_(0)  # (B * H / 2 * W / 2, C)
        if ctx.needs_input_grad[0]:
            # The difference is negative, all ones after the shift, where the second one won.
            lower = torch.sub(rows[:, 0], rows[:, 1]).bitwise_right_shift_(sign)
            right = torch.sub(column[:, 0], column[:, 1]).bitwise_right_shift_(sign)
            ctx.save_for_backward(lower, right, pooled)
            ctx.shape = image.shape
        return pooled.view(batch, height // 2, width // 2, channels).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        lower, right, pooled = ctx.saved_tensors
        batch, channels, height, width = ctx.shape
        integer, _ = INTEGERS[pooled.dtype]
        positive = pooled.view(integer).neg().bitwise_right_shift_(integer.itemsize * 8 - 1)
        pattern = gradient.permute(0, 2, 3, 1).contiguous().view(integer).view(-1, channels)
        column = share(positive.bitwise_and_(pattern), right).view(-1, width * channels)
        spread = share(column, lower).view(pooled.dtype)
        return spread.view(batch, height, width, channels).permute(0, 3, 1, 2), None


def share(gradient: Tensor, second: Tensor) -> Tensor:
    """(R, N) -> (R, 2, N): each element at 1 where its mask is all ones, at 0 where it is zero."""
    shared = torch.empty((gradient.shape[0], 2, gradient.shape[1]), dtype=gradient.dtype)
    torch.bitwise_and(gradient, second, out=shared[:, 1])
    torch.bitwise_xor(gradient, shared[:, 1], out=shared[:, 0])
    return shared


class _AvgPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        batch, channels, height, width = ctx.shape = image.shape
        rows = image.permute(0, 2, 3, 1).reshape(-1, 2, width * channels)
        column = torch.add(rows[:, 0], rows[:, 1]).view(-1, 2, channels)
        # Sums of short strided rows are slow (6 channels in LeNet): copied apart first.
        pooled = column[:, 0].contiguous().add_(column[:, 1].contiguous()).mul_(0.25)
        return pooled.view(batch, height // 2, width // 2, channels).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        batch, channels, height, width = ctx.shape
        quarter = gradient.mul(0.25).permute(0, 2, 3, 1).reshape(-1, channels)
        column = twice(quarter).view(-1, width * channels)
        return twice(column).view(batch, height, width, channels).permute(0, 3, 1, 2)


def twice(gradient: Tensor) -> Tensor:
    """(R, N) -> (R, 2, N), every row repeated."""
    repeated = gradient.new_empty((gradient.shape[0], 2, gradient.shape[1]))
    repeated[:, 0] = gradient
    repeated[:, 1] = gradient
    return repeated
