"""A random view of every image, as contrastive learning compares them, batched, on the device."""

import math

import torch
from torch import Tensor, nn

from handloom.models.layers.augment import coin
from handloom.models.layers.blur import Blur
from handloom.models.layers.color_distortion import ColorDistortion
from handloom.models.layers.photo_augment import random_crop
from handloom.models.layers.warp import warp


class Views(nn.Module):
    """Crop, flip, rotate, distort colours, blur, add noise: one view of every image.

    Chen et al. 2020 (arXiv:2002.05709), appendix A. It is part of what is compared, so it changes
    images in eval mode too.

    size: (height, width) in pixels of a view. crop: smallest share of the area that a crop keeps,
        in (0, 1]. hflip: half of the views are mirrored. rotate: up to so many degrees either way.
    color: strength of the colour distortion, 0 for none. blur: share of the views that are blurred.
        noise: standard deviation of Gaussian noise on every pixel.
    border: what comes in from outside a rotated image, the image mirrored at its edge or zeros.
    forward: image (B, 3 or 1, H, W) in [0, 1], float, to (B, C, *size) in [0, 1], laid out
    channels-last. Every view has random numbers of its own, from the default generator of the
    device.
    """

    def __init__(
        self,
        size: tuple[int, int],
        crop: float = 0.08,
        hflip: bool = True,
        rotate: float = 0.0,
        color: float = 1.0,
        blur: float = 0.5,
        noise: float = 0.0,
        border: str = "reflect",
    ) -> None:
        super().__init__()
        if not 0 < crop <= 1 or rotate < 0 or noise < 0:
            raise ValueError("crop must be in (0, 1], rotate and noise 0 or more.")
        self.size, self.crop, self.hflip, self.rotate = size, crop, hflip, rotate
        self.noise, self.border = noise, border
        self.color = ColorDistortion(color) if color else None
        self.blur = Blur(blur) if blur else None

    def forward(self, image: Tensor) -> Tensor:
        # In float32 under autocast too: in bfloat16 a place in the image is off by half a pixel.
        with torch.autocast(image.device.type, enabled=False):
            image = self.moved(image.float())
            if self.color is not None:
                image = self.color(image)
            if self.blur is not None:
                image = self.blur(image)
            if self.noise:
                image = image + self.noise * torch.randn_like(image)
            return image.clamp(0, 1).contiguous(memory_format=torch.channels_last)

    def moved(self, image: Tensor) -> Tensor:
        """A random part of each image, mirrored and rotated, at `size`, by one interpolation."""
        batch = len(image)
        part = random_crop(batch, self.crop, image.device)
        across = part.across * (1 - 2 * coin(batch, image)) if self.hflip else part.across
        angle = (2 * torch.rand(batch, device=image.device) - 1) * math.radians(self.rotate)
        cosine, sine, ratio = torch.cos(angle), torch.sin(angle), self.size[0] / self.size[1]
        # warp asks where each pixel of the view comes from, in units of half the image: a
        # rotation, with the ratio that keeps circles round, then the scale of the crop.
        x = torch.stack([across * cosine, -across * sine * ratio, part.x], 1)
        y = torch.stack([part.down * sine / ratio, part.down * cosine, part.y], 1)
        mode = "reflection" if self.border == "reflect" else "zeros"
        return warp(image, x, y, self.size, mode)
