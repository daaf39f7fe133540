"""Codes of many images, how well they come back, and what as many principal components do."""

from typing import Any

import torch
from torch import Tensor

from handloom.engine.precision import Precision


@torch.no_grad()
def codes_of(
    encoder: Any,
    pixels: Tensor,
    label: Tensor | None,
    precision: Precision,
    batch: int = 500,
) -> Tensor:
    """The one best code of every image, float32 (N, D), on the CPU.

    encoder: has `code(image, label)`; pixels: uint8 (N, H, W, C); label: int64 (N,) where the
    encoder is conditional.
    """
    found = []
    for start in range(0, len(pixels), batch):
        rows = slice(start, start + batch)
        with precision.autocast():
            given = None if label is None else label[rows].to(precision.device)
            found.append(encoder.code(as_image(pixels[rows], precision), given))
    return torch.cat(found).float().cpu()


def as_image(pixels: Tensor, precision: Precision) -> Tensor:
    """uint8 (N, H, W, C) to float in [0, 1], (N, C, H, W), on the device."""
    return pixels.to(precision.device).permute(0, 3, 1, 2).float().div_(255)


@torch.no_grad()
def principal_squares(train: Tensor, judged: Tensor, count: int, most: int = 10_000) -> float:
    """Mean sum of squares, in [-1, 1], that `count` principal components of `train` leave of
    `judged`.

    train, judged: uint8 (N, ...); of the training images at most `most` are taken, at random:
    every sixth of MNIST's is no fair sample of it (167.1 instead of 161.9 for 3 components).
    Components by randomised subspace iteration (Halko et al. 2011, arXiv:0909.4061).
    """
    generator = torch.Generator().manual_seed(0)
    rows = torch.randperm(len(train), generator=generator)[:most].sort().values
    flat = train[rows].flatten(1).float().div_(127.5).sub_(1)  # (N, P)
    mean = flat.mean(0)
    width = min(count + 10, *flat.shape)
    basis = torch.randn(flat.shape[1], width, generator=generator)
    flat.sub_(mean)
    for _ in range(6):
        basis = torch.linalg.qr(flat.T @ (flat @ basis))[0]
    vectors = torch.linalg.svd(flat @ basis, full_matrices=False)[2]
    components = basis @ vectors[:count].T  # (P, count)
    left = 0.0
    for part in judged.split(1000):
        away = part.flatten(1).float().div_(127.5).sub_(1).sub_(mean)
        left += (away - (away @ components) @ components.T).square().sum().item()
    return left / len(judged)
