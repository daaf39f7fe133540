"""The best kernel there is between two images, in closed form: least squares."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

MOST_NUMBERS = 1 << 24  # of patches that are laid out at once
MOST_PRODUCTS = 1 << 36  # multiply-adds of all patches; beyond, some rows of pixels are left out
DETERMINED = 1e-9  # eigenvalues below this share of the largest are of no use


class FilterSolution(NamedTuple):
    """A kernel (O, C, h, w), its constant (O,) or None, and what it leaves.

    mean_square: of the difference, over all numbers that count. eigenvalues: of the Hessian of the
    mean squared error, ascending, (C * h * w [+ 1],). undetermined: directions in which the kernel
    may change and nothing is seen of it; it has nothing in them.
    """

    kernel: Tensor
    bias: Tensor | None
    mean_square: float
    eigenvalues: Tensor
    undetermined: int


@dataclass
class Moments:
    """Sums over the patches p of an image (n, P) and the numbers wanted there y (n, O).

    square: p^T p (P, P); product: p^T y (P, O); wanted: y^T y, summed; count: n.
    """

    square: Tensor
    product: Tensor
    wanted: float = 0.0
    count: float = 0.0


def least_squares(
    before: Tensor, after: Tensor, counts: Tensor, size: tuple[int, int], bias: bool = False
) -> FilterSolution:
    """Minimises |kernel * before + bias - after|^2 over the kernel.

    before: (N, C, H, W); after: (N, O, H - h + 1, W - w + 1); counts: (N, 1, H', W'), 1 or 0.
    size: (h, w) of the kernel. Where the image does not determine the kernel, the shortest.
    """
    moments = _moments(before, after, counts, size, bias)
    mean = moments.square / moments.count
    values, vectors = torch.linalg.eigh(mean)
    known = values > DETERMINED * values[-1]
    inverse = torch.where(known, 1 / values.clamp(min=1e-300), 0.0)
    weights = vectors @ (inverse[:, None] * (vectors.T @ moments.product / moments.count))  # (P, O)
    away = moments.wanted - 2 * (weights * moments.product).sum()
    away = (away + (weights * (moments.square @ weights)).sum()) / moments.count
    outputs, inputs = after.shape[1], before.shape[1]
    patch = inputs * size[0] * size[1]
    return FilterSolution(
        weights[:patch].T.reshape(outputs, inputs, *size).float(),
        weights[patch].float() if bias else None,
        max(0.0, float(away) / outputs),
        2 * values.clamp(min=0) / outputs,
        int((~known).sum()),
    )


def _moments(
    before: Tensor, after: Tensor, counts: Tensor, size: tuple[int, int], bias: bool
) -> Moments:
    """In float64, a strip of rows of one image at a time."""
    height, width = after.shape[2:]
    patch = before.shape[1] * size[0] * size[1] + bias
    moments = Moments(
        torch.zeros(patch, patch, dtype=torch.float64),
        torch.zeros(patch, after.shape[1], dtype=torch.float64),
    )
    rows = max(1, MOST_NUMBERS // (patch * width))
    every = -(-len(before) * height * width * patch * patch // MOST_PRODUCTS)
    for image, wanted, count in zip(before, after, counts, strict=True):
        for top in range(0, height, rows * every):
            end = min(top + rows, height)
            strip = image[None, :, top : end + size[0] - 1]
            p = F.unfold(strip, size)[0].T.double()  # (n, C * h * w)
            if bias:
                p = F.pad(p, (0, 1), value=1.0)
            y = wanted[:, top:end].flatten(1).T.double()  # (n, O)
            weight = count[:, top:end].flatten()[:, None].double()  # (n, 1)
            moments.square += p.T @ (p * weight)
            moments.product += p.T @ (y * weight)
            moments.wanted += float((y * y * weight).sum())
            moments.count += float(weight.sum())
    return moments
