"""Colours of a photo kept under the strokes of a painting.

Gatys, Bethge, Hertzmann and Shechtman 2016, "Preserving color in neural artistic style transfer",
arXiv:1606.05897. Images are (1, 3, H, W) in [0, 1].
"""

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # ITU-R 601


def luminance(image: Tensor) -> Tensor:
    """(1, 3, H, W) -> (1, 1, H, W)."""
    return (image * image.new_tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)


def match_luminance(painting: Tensor, photo: Tensor) -> Tensor:
    """The painting's luminance with mean and deviation of the photo's; both (1, 1, h, w)."""
    spread = photo.std() / painting.std().clamp(min=1e-4)
    return ((painting - painting.mean()) * spread + photo.mean()).clamp(0, 1)


def recolored(changed: Tensor, photo: Tensor) -> Tensor:
    """A luminance (1, 1, H, W) with the colours of the photo (1, 3, H, W).

    The same step in all three channels is a step of Y in YIQ; I and Q stay.
    """
    image: Tensor = (photo + (changed - luminance(photo))).clamp(0, 1)
    return image


def match_colors(painting: Tensor, photo: Tensor) -> Tensor:
    """The painting with mean and covariance of the photo's colours (section 4 of the paper)."""
    theirs, ours = painting.flatten(2)[0].double(), photo.flatten(2)[0].double()  # (3, n)
    transform = _root(torch.cov(ours)) @ torch.linalg.inv(_root(torch.cov(theirs)))
    moved = transform @ (theirs - theirs.mean(1, keepdim=True)) + ours.mean(1, keepdim=True)
    image: Tensor = moved.view_as(painting[0])[None].to(painting.dtype).clamp(0, 1)
    return image


def _root(covariance: Tensor) -> Tensor:
    """Symmetric square root; a grey image has no spread in two directions, hence the floor."""
    values, vectors = torch.linalg.eigh(covariance)
    root: Tensor = vectors @ torch.diag(values.clamp(min=1e-5).sqrt()) @ vectors.T
    return root
