"""Random changes of training images, batched, on their device, without waiting for the host."""

import math
from typing import Literal

import torch
from torch import Tensor, nn

from handloom.models.layers.warp import warp


class Augment(nn.Module):
    """Translate, flip, rotate, scale and cut images while training; in eval mode nothing happens.

    translate: up to so many pixels each way; hflip: left to right in half of the images (not for
    digits or letters); rotate: up to so many degrees either way; scale: up to this fraction larger
    or smaller; cutout: side in pixels of a square painted with the mean of its image (DeVries and
    Taylor 2017, arXiv:1708.04552); border: what comes in from outside, the image mirrored at its
    edge or zeros. Every image has random numbers of its own, from the device's default generator.
    forward: image (B, C, H, W), float, to the same shape. Raises ValueError for numbers that do
    not fit the image.
    """

    def __init__(
        self,
        translate: int = 0,
        hflip: bool = False,
        rotate: float = 0.0,
        scale: float = 0.0,
        cutout: int = 0,
        border: Literal["reflect", "zeros"] = "reflect",
    ) -> None:
        super().__init__()
        if min(translate, cutout, rotate, scale) < 0 or scale >= 1:
            raise ValueError(
                "translate, rotate, cutout must be 0 or more, scale from 0 to below 1."
            )
        self.translate, self.hflip, self.cutout = translate, hflip, cutout
        self.rotate, self.scale, self.border = rotate, scale, border

    def forward(self, image: Tensor) -> Tensor:
        if not self.training:
            return image
        if self.rotate or self.scale:
            image = self.warped(image)
        elif self.translate:
            image = self.moved(image)
        elif self.hflip:
            image = torch.where(
                coin(len(image), image).bool().view(-1, 1, 1, 1), image.flip(3), image
            )
        return self.cut(image) if self.cutout else image

    def moved(self, image: Tensor) -> Tensor:
        """Translated by whole pixels and flipped, in one gather over all pixels of the batch."""
        batch, channels, height, width = image.shape
        if self.translate >= min(height, width):
            raise ValueError(
                f"translate is {self.translate} and images are {width}x{height}: make it smaller."
            )
        row = self._offsets(batch, image) + torch.arange(height, device=image.device)  # (B, H)
        column = self._offsets(batch, image) + torch.arange(width, device=image.device)  # (B, W)
        if self.hflip:
            flip = coin(batch, image).view(-1, 1)
            column = flip * (width - 1) + (1 - 2 * flip) * column
        first = torch.arange(batch, device=image.device).view(-1, 1) * height
        start = (first + reflect(row, height)) * width  # (B, H)
        beside = reflect(column, width)  # (B, W)
        pixels = image.permute(0, 2, 3, 1).reshape(-1, channels)
        black = len(pixels)
        if self.border == "zeros":
            # One black pixel more, for all that lies outside: five times faster than a mask.
            start = torch.where(within(row, height), start, black)
            beside = torch.where(within(column, width), beside, black)
            pixels = torch.cat([pixels, pixels.new_zeros(1, channels)])
        pixel = (start.unsqueeze(2) + beside.unsqueeze(1)).clamp_max_(black)  # (B, H, W)
        moved = pixels.index_select(0, pixel.view(-1)).view(batch, height, width, channels)
        return moved.permute(0, 3, 1, 2)

    def _offsets(self, batch: int, image: Tensor) -> Tensor:
        """Whole pixels in [-translate, translate], (B, 1)."""
        return torch.randint(-self.translate, self.translate + 1, (batch, 1), device=image.device)

    def warped(self, image: Tensor) -> Tensor:
        """Rotated, scaled, translated and flipped by one bilinear interpolation."""
        batch, _, height, width = image.shape
        amount = torch.rand(4, batch, device=image.device) * 2 - 1
        angle = amount[0] * math.radians(self.rotate)
        size = torch.exp(amount[1] * math.log1p(self.scale))
        # warp asks where each pixel of the result comes from, in units of half the image;
        # the ratio keeps circles round where the image is not square.
        cosine, sine, ratio = torch.cos(angle) / size, torch.sin(angle) / size, height / width
        across = 1 - 2 * coin(batch, image) if self.hflip else torch.ones_like(angle)
        down = (2 * self.translate / height) * amount[2]
        aside = (2 * self.translate / width) * amount[3]
        x = torch.stack([cosine * across, -sine * ratio, aside], 1)
        y = torch.stack([sine / ratio * across, cosine, down], 1)
        mode = "reflection" if self.border == "reflect" else "zeros"
        return warp(image, x, y, (height, width), mode).to(image.dtype)

    def cut(self, image: Tensor) -> Tensor:
        """A square of each image, at its edge only a part of it, painted with its mean."""
        batch, _, height, width = image.shape
        inside = []
        for side in (height, width):
            centre = torch.rand(batch, 1, device=image.device) * side
            position = torch.arange(side, device=image.device) + 0.5
            inside.append(((position - centre).abs() * 2 < self.cutout).to(image.dtype))
        mask = (inside[0].unsqueeze(2) * inside[1].unsqueeze(1)).unsqueeze(1)  # (B, 1, H, W)
        return torch.lerp(image, image.mean((1, 2, 3), keepdim=True), mask)


def coin(batch: int, image: Tensor) -> Tensor:
    """0 or 1 with even chance, (B,)."""
    return torch.randint(0, 2, (batch,), device=image.device)


def reflect(index: Tensor, side: int) -> Tensor:
    """Positions beyond the edge mirrored at the outermost pixel, which is not repeated."""
    return (side - 1) - ((side - 1) - index.abs()).abs()


def within(index: Tensor, side: int) -> Tensor:
    """Whether the positions are in the image."""
    return (index >= 0) & (index < side)
