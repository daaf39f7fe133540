"""Convolutions over few pixels as gathered rows and one product, for CPUs.

Maps are rows (B * P, C): P places an image, channels innermost. A convolution gathers, for each of
its places, the rows under its kernel side by side, and multiplies them by one matrix. For the small
convolutions of a classic network that is faster than the library's own: at (128, 16, 5, 5) a
transposed one (5x5, stride 3, to 8 channels) takes 0.6 ms forward and backward instead of 2.3 on
one core, mostly because a transposed one need not be brought into the shape of an image before the
next one: where each pixel lies is kept in a table (`places`).
"""

from typing import Any

import torch
from torch import Tensor, nn

Pair = tuple[int, int]


class Table(nn.Module):
    """Which rows stand side by side: (B * P, C) -> (B * Q, m * C).

    index: int64 (Q, m), rows of one image counted from 1; 0 is a row of zeros. rows: P.
    """

    index: Tensor
    inverse: Tensor

    def __init__(self, index: Tensor, rows: int) -> None:
        super().__init__()
        self.rows, self.width = rows, index.shape[1]
        self.register_buffer("index", index, persistent=False)
        self.register_buffer("inverse", _inverse(index.flatten(), rows), persistent=False)
        self._cached: dict[int, tuple[Tensor, Tensor]] = {}

    def forward(self, rows: Tensor) -> Tensor:
        found: Tensor = _Gather.apply(rows, *self._tables(len(rows) // self.rows))
        return found.view(-1, self.width * rows.shape[1])

    def _tables(self, batch: int) -> tuple[Tensor, Tensor]:
        """Both tables for so many images in a row; kept for the sizes of batch there are."""
        if batch not in self._cached:
            if len(self._cached) > 4:
                self._cached.clear()
            self._cached[batch] = (
                _repeated(self.index.flatten(), batch, self.rows).flatten(),
                _repeated(self.inverse, batch, self.index.numel()).flatten(0, 1),
            )
        return self._cached[batch]


class _Gather(torch.autograd.Function):
    """Rows by number, 0 for zeros; the gradient gathers as well, by the inverse (rows, n)."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, index: Tensor, inverse: Tensor) -> Tensor:
        ctx.inverse = inverse
        return torch.cat([rows.new_zeros(1, rows.shape[1]), rows]).index_select(0, index)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        inverse, channels = ctx.inverse, gradient.shape[-1]
        padded = torch.cat([gradient.new_zeros(1, channels), gradient.reshape(-1, channels)])
        picked = padded.index_select(0, inverse.flatten()).view(len(inverse), -1)
        times = inverse.shape[1]
        if times == 1:
            return picked, None, None
        # A product adds few bfloat16 numbers four times as fast as `sum` does.
        ones = torch.eye(channels, dtype=gradient.dtype).repeat(times, 1)
        return picked @ ones, None, None


class Pick(nn.Module):
    """Columns by number: (B, F) -> (B, K), float32. index: int64 (K,), counted from 1; 0: zeros."""

    index: Tensor
    inverse: Tensor

    def __init__(self, index: Tensor, columns: int) -> None:
        super().__init__()
        self.register_buffer("index", index, persistent=False)
        self.register_buffer("inverse", _inverse(index, columns)[:, 0], persistent=False)

    def forward(self, given: Tensor) -> Tensor:
        found: Tensor = _Pick.apply(given, self.index, self.inverse)
        return found


class _Pick(torch.autograd.Function):
    """The gradient is right where every column is picked once at most."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, index: Tensor, inverse: Tensor) -> Tensor:
        ctx.inverse, ctx.dtype = inverse, given.dtype
        # Columns of float32 are picked four times as fast as of bfloat16.
        given = given.float()
        return torch.cat([given.new_zeros(len(given), 1), given], 1).index_select(1, index)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        padded = torch.cat([gradient.new_zeros(len(gradient), 1), gradient], 1)
        return padded.index_select(1, ctx.inverse).to(ctx.dtype), None, None


def places(height: int, width: int) -> Tensor:
    """Row of every pixel (H, W), counted from 1, where rows come in the order of pixels."""
    return torch.arange(1, height * width + 1).view(height, width)


def under_kernel(place: Tensor, kernel: Pair, stride: Pair, padding: Pair) -> Tensor:
    """Rows under the kernel at every place of a convolution, (Q, kh * kw); `place` is (H, W)."""
    top, side = padding
    padded = nn.functional.pad(place, (side, side, top, top))
    windows = padded.unfold(0, kernel[0], stride[0]).unfold(1, kernel[1], stride[1])
    return windows.flatten(2).flatten(0, 1)


class TransposedRows(nn.Module):
    """A transposed convolution over rows, as a convolution with a small kernel that answers with
    the stride[0] x stride[1] pixels of every place at once.

    convolution: whose parameters are used; place: rows of its input (H, W); size: of its answer.
    forward: rows (B * P, C_in) to (B * Q, s * C_out); `place` says where its pixels are: rows
    of (B * Q * s, C_out). Where the kernel is no larger than the stride, every row is a place of
    its own and none is gathered (Q = P).
    """

    pick: Tensor
    place: Tensor

    def __init__(self, convolution: nn.ConvTranspose2d, place: Tensor, rows: int, size: Pair):
        super().__init__()
        self.convolution = [convolution]  # in a list: its owner registers it
        (kh, kw), (sh, sw) = _pair(convolution.kernel_size), _pair(convolution.stride)
        mh, mw = -(-kh // sh), -(-kw // sw)
        self.table, grid, self.cells = None, place - 1, rows
        if (mh, mw) != (1, 1):
            index = under_kernel(place, (mh, mw), (1, 1), (mh - 1, mw - 1))
            self.table, self.cells = Table(index, rows), len(index)
            grid = torch.arange(len(index)).view(-1, place.shape[1] + mw - 1)
        # (C_in, C_out, kh, kw) -> (mh * mw * C_in, sh * sw * C_out), the small kernel turned round.
        shape = convolution.weight.shape
        numbers = torch.arange(1, shape.numel() + 1).view(shape)
        numbers = nn.functional.pad(numbers, (0, mw * sw - kw, 0, mh * sh - kh))
        blocks = numbers.view(*shape[:2], mh, sh, mw, sw).flip(2, 4).permute(2, 4, 0, 3, 5, 1)
        self.matrix = Table(blocks.reshape(-1, 1), shape.numel())
        self.answer, self.pixels = sh * sw * shape[1], sh * sw
        y, x = (torch.arange(n) + p for n, p in zip(size, _pair(convolution.padding), strict=True))
        cell = grid[(y // sh)[:, None], x // sw]
        self.place = cell * self.pixels + ((y % sh) * sw)[:, None] + x % sw + 1

    @property
    def rows(self) -> int:
        """Rows an image in the answer, pixel by pixel."""
        return self.cells * self.pixels

    def forward(self, rows: Tensor) -> Tensor:
        weight, bias = self.convolution[0].weight, self.convolution[0].bias
        assert bias is not None
        matrix = self.matrix(weight.reshape(-1, 1)).view(-1, self.answer)
        gathered = rows if self.table is None else self.table(rows)
        found: Tensor = torch.addmm(bias.repeat(self.pixels), gathered, matrix)
        return found


def _pair(numbers: Any) -> Pair:
    height, width = numbers
    return height, width


def _repeated(index: Tensor, batch: int, rows: int) -> Tensor:
    """(B, *index.shape): the numbers of every image, zeros kept."""
    first = torch.arange(batch).view(-1, *[1] * index.ndim) * rows
    return torch.where(index > 0, index + first, 0)


def _inverse(index: Tensor, rows: int) -> Tensor:
    """Where each row went, (rows, n) counted from 1, filled up with zeros."""
    slots = torch.arange(1, len(index) + 1)
    counts = torch.bincount(index, minlength=rows + 1)[1:]
    found = torch.zeros(rows, max(1, int(counts.max())), dtype=torch.int64)
    order = index.argsort(stable=True)
    order = order[index[order] > 0]
    row = index[order] - 1
    within = torch.arange(len(order)) - (counts.cumsum(0) - counts)[row]
    found[row, within] = slots[order]
    return found
