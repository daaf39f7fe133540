"""The edges of a photo, in light and dark: what keeps it recognisable under strokes.

After Li, Xu, Nie and Liu 2017, "Laplacian-steered neural style transfer", arXiv:1707.01253.
Differences: gradients instead of the Laplacian, of luminance alone, so that colours are free;
blurred instead of average-pooled, since pooling leaves a grid of pixels that the loss does not see
(2-pixel checks at 256 pixels); and places without edges in the photo count little, so that the
painting's strokes go there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # ITU-R 601
SIDE = 5  # pixels; two box filters of this side have a standard deviation of 2 pixels


@dataclass(frozen=True)
class Edges:
    """What a photo asks for: gradients (1, 2, H, W), and how much each place counts, (1, 1, H, W).

    size: sum of squared gradients, by which the distance is divided.
    """

    gradients: Tensor
    importance: Tensor
    size: Tensor


@torch.no_grad()
def edges(photo: Tensor, plain: float) -> Edges:
    """The edges of a photo, (1, 3 or 1, H, W).

    plain: in [0, 1], how much a place without edges counts, an edge counting 1.
    """
    gradients = blurred_gradients(photo)
    power = blurred(gradients.square().sum(1, keepdim=True))
    importance = plain + (1 - plain) * power / (power + power.mean() + 1e-12)
    return Edges(gradients, importance, gradients.square().sum() + 1e-12)


def structure(pixels: Tensor, wanted: Edges) -> Tensor:
    """sum(m |g - t|^2) / sum(|t|^2): g gradients of `pixels`, t the photo's, m the importance."""
    difference = blurred_gradients(pixels) - wanted.gradients
    return (difference.square() * wanted.importance).sum() / wanted.size


def smoothness(pixels: Tensor) -> Tensor:
    """Mean squared step between neighbouring pixels, down and across."""
    down = (pixels[:, :, 1:] - pixels[:, :, :-1]).square().mean()
    return down + (pixels[:, :, :, 1:] - pixels[:, :, :, :-1]).square().mean()


def blurred_gradients(image: Tensor) -> Tensor:
    """Steps of the blurred luminance to the next pixel, down and across; zero at the last."""
    grey = image
    if image.shape[1] == 3:
        grey = (image * image.new_tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)
    soft = blurred(grey)
    down = F.pad(soft[:, :, 1:] - soft[:, :, :-1], (0, 0, 0, 1))
    across = F.pad(soft[:, :, :, 1:] - soft[:, :, :, :-1], (0, 1))
    return torch.cat([down, across], 1)


def blurred(image: Tensor) -> Tensor:
    """(1, 1, H, W) with a standard deviation of about 2 pixels, mirrored at the border."""
    half = SIDE // 2
    for _ in range(2):
        mode = "reflect" if min(image.shape[2:]) > half else "replicate"
        image = F.pad(image, (half,) * 4, mode=mode)
        image = F.avg_pool2d(F.avg_pool2d(image, (SIDE, 1), 1), (1, SIDE), 1)
    return image
