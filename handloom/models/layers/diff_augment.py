"""Differentiable augmentation for GANs (Zhao et al. 2020, arXiv:2006.10738)."""

import torch
from torch import Tensor, nn


class DiffAugment(nn.Module):
    """Colour, translation and cutout, of real and generated images alike, in both phases.

    The discriminator never sees an image as it is, so it cannot memorise a small set. All of it is
    differentiable, so the generator learns through it to generate images without augmentation.
    forward: image (B, C, H, W) in about [0, 1] to the same shape; every image has random numbers of
    its own, from the default generator of its device. Brightness +-0.25, saturation 0 to 2,
    contrast 0.5 to 1.5, translation by up to an eighth of the side, a cut-out of half the side, as
    in the paper (section 4) on a scale of [-1, 1].
    """

    def forward(self, image: Tensor) -> Tensor:
        return _cut(_translated(_coloured(image)))


def _coloured(image: Tensor) -> Tensor:
    amount = torch.rand(3, len(image), 1, 1, 1, device=image.device)
    image = image + (amount[0] - 0.5) / 2
    if image.shape[1] > 1:
        grey = image.mean(1, keepdim=True)
        image = grey + (image - grey) * (2 * amount[1])
    middle = image.mean((1, 2, 3), keepdim=True)
    return middle + (image - middle) * (amount[2] + 0.5)


def _translated(image: Tensor) -> Tensor:
    """Moved by whole pixels; what comes in from outside is grey (0.5).

    Two products with displaced unit matrices: as exact as a gather, whose gradient is slow on CPUs.
    """
    batch, _, height, width = image.shape
    down, across = (_matrix(batch, side, image.device) for side in (height, width))
    with torch.autocast(image.device.type, enabled=False):
        moved = down.unsqueeze(1) @ (image.float() - 0.5) @ across.mT.unsqueeze(1)
    return moved + 0.5


def _matrix(batch: int, side: int, device: torch.device) -> Tensor:
    """(B, S, S) with a one where pixel j goes to place i = j + offset."""
    most = round(side / 8)
    offset = torch.randint(-most, most + 1, (batch, 1, 1), device=device)
    place = torch.arange(side, device=device)
    return (place.view(1, -1, 1) == place.view(1, 1, -1) + offset).float()


def _cut(image: Tensor) -> Tensor:
    batch, _, height, width = image.shape
    inside = []
    for side in (height, width):
        centre = torch.randint(0, side + 1, (batch, 1), device=image.device)
        away = torch.arange(side, device=image.device) - centre
        inside.append(((away >= -(side // 4)) & (away < side // 4)).to(image.dtype))
    mask = (inside[0].unsqueeze(2) * inside[1].unsqueeze(1)).unsqueeze(1)  # (B, 1, H, W)
    return 0.5 + (image - 0.5) * (1 - mask)
