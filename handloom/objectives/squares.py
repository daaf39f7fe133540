"""The squared error of images, with its gradient made in one pass."""

from typing import Any

import torch
from torch import Tensor


def squared_error(logits: Tensor, image: Tensor) -> Tensor:
    """sum (sigmoid(2 logits) - image)^2 over the pixels of an image, float32 (B,).

    logits: (B, C, H, W); image: float in [0, 1]. sigmoid(2 x) is (tanh(x) + 1) / 2, and five times
    faster than tanh on a CPU; four times the sum is that of images in [-1, 1].
    """
    error: Tensor = _SquaredError.apply(logits, image)
    return error


class _SquaredError(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, image: Tensor) -> Tensor:
        squashed = logits.float().mul(2).sigmoid_()
        away = squashed - image
        ctx.save_for_backward(squashed, away)
        ctx.dtype = logits.dtype
        return (away * away).flatten(1).sum(1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        squashed, away = ctx.saved_tensors
        scaled = away * (4 * gradient).view(-1, 1, 1, 1)
        # scaled * squashed * (1 - squashed)
        return torch.ops.aten.sigmoid_backward(scaled, squashed).to(ctx.dtype), None
