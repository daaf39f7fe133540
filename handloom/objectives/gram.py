"""Gram matrices of feature maps: which features occur together, wherever they are."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

ROWS = 8_192  # positions multiplied at once; products of bfloat16 come back rounded, sums do not


def gram(features: Tensor, cover: Tensor | None = None) -> Tensor:
    """Sum over positions of f f^T, weighted by `cover`: (1, C, H, W), (1, 1, H, W) -> (C, C).

    float32 whatever the features are: bfloat16 products are summed in float32, block by block.
    eq. 3 of Gatys, Ecker and Bethge 2016; the cover is their spatial guidance (Gatys et al. 2017,
    arXiv:1611.07865, eq. 6), with the square of the guide as weight.
    """
    gram: Tensor = _Gram.apply(features, cover)
    return gram


class _Gram(torch.autograd.Function):
    """Keeps the features alone, not copies of them, and answers in their own precision."""

    @staticmethod
    def forward(ctx: FunctionCtx, features: Tensor, cover: Tensor | None) -> Tensor:
        rows = _rows(features)  # (H * W, C)
        weight = None if cover is None else cover.reshape(-1, 1).to(rows.dtype)
        ctx.save_for_backward(features, weight)  # type: ignore[arg-type]
        gram = torch.zeros(rows.shape[1], rows.shape[1], device=rows.device)
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            other = part if weight is None else part * weight[start : start + ROWS]
            gram += part.T @ other
        return gram

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        features, weight = ctx.saved_tensors
        both = gradients[0] + gradients[0].T
        moved = _rows(features) @ both.to(features.dtype)
        if weight is not None:
            moved *= weight
        _, c, h, w = features.shape
        return moved.view(1, h, w, c).permute(0, 3, 1, 2), None


def _rows(features: Tensor) -> Tensor:
    """(1, C, H, W) -> (H * W, C), without a copy where channels lie last."""
    return features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])
