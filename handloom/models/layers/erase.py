"""Random erasing (Zhong et al. 2017, arXiv:1708.04896), batched, without waiting for the device."""

import math

import torch
from torch import Tensor, nn

AREA = (0.02, 0.4)  # of the image, algorithm 1 and sec. 5.1
ASPECT = 1 / 0.3  # at most, either way


class Erase(nn.Module):
    """A rectangle of some images becomes noise while training; in eval mode nothing happens.

    probability: of each image. A rectangle has 2 to 40 % of the area, and sides of up to 3.3 to 1.
    forward: image (B, C, H, W) in [0, 1], float, to the same shape. Every image has random numbers
    of its own, from the default generator of the device.

    Differences: a rectangle longer than the image is cut, where the paper draws another.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        if not 0 <= probability <= 1:
            raise ValueError("probability must be in [0, 1].")
        self.probability = probability

    def forward(self, image: Tensor) -> Tensor:
        if not self.training or not self.probability:
            return image
        batch, _, height, width = image.shape
        draw = torch.rand(5, batch, device=image.device)
        area = AREA[0] + (AREA[1] - AREA[0]) * draw[0]
        aspect = torch.exp((2 * draw[1] - 1) * math.log(ASPECT))
        sides = ((area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1))
        inside = []
        for side, pixels, place in zip(sides, (height, width), draw[2:4], strict=True):
            position = (torch.arange(pixels, device=image.device) + 0.5) / pixels
            first = (place * (1 - side))[:, None]
            inside.append((position >= first) & (position < first + side[:, None]))
        erased = inside[0][:, None, :, None] & inside[1][:, None, None, :]  # (B, 1, H, W)
        erased = erased & (draw[4] < self.probability)[:, None, None, None]
        return torch.where(erased, torch.rand_like(image), image)
