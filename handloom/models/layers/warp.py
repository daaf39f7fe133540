"""One bilinear interpolation that moves every pixel of every image by an affine map of its own."""

import torch
import torch.nn.functional as F
from torch import Tensor


def warp(image: Tensor, x: Tensor, y: Tensor, size: tuple[int, int], padding: str) -> Tensor:
    """Images (B, C, H, W) as (B, C, *size), float32.

    x, y: (B, 3) each. The pixel at (u, v), counted from -1 to 1 across and down as `grid_sample`
    counts, comes from (x0 u + x1 v + x2, y0 u + y1 v + y2). padding: as grid_sample's.
    """
    grid = places(x, y, size)
    return F.grid_sample(image.float(), grid, padding_mode=padding, align_corners=False)


def places(x: Tensor, y: Tensor, size: tuple[int, int]) -> Tensor:
    """Where every pixel of the results comes from, (B, *size, 2), as `grid_sample` takes it.

    Summed by broadcasting. `affine_grid` multiplies matrices, which takes several times as long
    (benchmarks/warp.py) and under autocast rounds places to bfloat16, off by a pixel and more.
    """
    grid = x.new_empty(len(x), *size, 2)
    across, down = centres(size[1], x), centres(size[0], x).unsqueeze(1)  # (W,), (H, 1)
    for place, row in enumerate((x, y)):
        u, v, shift = row.view(-1, 3, 1, 1).unbind(1)  # (B, 1, 1) each
        grid[..., place].copy_(u * across + shift).add_(v * down)
    return grid


def centres(side: int, like: Tensor) -> Tensor:
    """Where the centres of pixels lie, (side,), as grid_sample counts: from -1 to 1."""
    return (torch.arange(side, dtype=like.dtype, device=like.device) * 2 + 1) / side - 1
