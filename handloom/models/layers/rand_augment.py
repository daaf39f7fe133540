"""RandAugment (Cubuk et al. 2019, arXiv:1909.13719), batched, on the device, without waiting.

Differences from the paper: every image draws its operations without repetition, and they are
applied in a fixed order, each kind in one pass over the batch: an affine map for all that moves
pixels, then colours, then what changes values by their place among all. An image passes unchanged
through an operation that is not among its own.
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handloom.models.layers.photo_augment import GREY
from handloom.models.layers.warp import warp

AFFINE = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
COLOR = ("brightness", "contrast", "color", "sharpness")
TONE = ("posterize", "solarize", "autocontrast", "equalize")
OPERATIONS = ("identity", *AFFINE, *COLOR, *TONE)  # sec. 3, the list of 14
STRONGEST = 10
LEVELS = 256


class RandAugment(nn.Module):
    """Changes every image by some operations at random, while training.

    count: N, operations of each image. magnitude: M, from 0 to 10. At 10 images are rotated by 30
    degrees, sheared by 0.3, moved by 0.45 of a side, their colours changed by factors of 0.1 or
    1.9, posterized to 4 bits, and solarized wholly; the direction of each change is random. border:
    what comes in from outside, the image mirrored at its edge or zeros.
    forward: image (B, 3 or 1, H, W) in [0, 1], float, to the same shape. Every image has random
    numbers of its own, from the default generator of the device.
    """

    def __init__(
        self, count: int, magnitude: float, border: Literal["reflect", "zeros"] = "reflect"
    ) -> None:
        super().__init__()
        if not 0 <= count <= len(OPERATIONS) or not 0 <= magnitude <= STRONGEST:
            raise ValueError(f"count must be 0 to {len(OPERATIONS)}, magnitude 0 to {STRONGEST}.")
        self.count, self.strength, self.border = count, magnitude / STRONGEST, border

    def forward(self, image: Tensor) -> Tensor:
        if not self.training or not self.count:
            return image
        shape = (len(image), len(OPERATIONS))
        is_chosen = torch.rand(shape, device=image.device).argsort(1) < self.count
        chosen = dict(zip(OPERATIONS, is_chosen.T, strict=True))  # (B,) each
        sign = torch.randint(0, 2, shape, device=image.device) * 2 - 1
        amount = dict(zip(OPERATIONS, (sign * is_chosen * self.strength).T, strict=True))
        image = moved(image, amount, self.border)
        return toned(recolored(image, amount), chosen, self.strength)


def moved(image: Tensor, amount: dict[str, Tensor], border: str = "reflect") -> Tensor:
    """Rotated by up to 30 degrees, sheared by up to 0.3, moved by up to 0.45 of a side, in one
    bilinear pass. amount: in [-1, 1], (B,), of each operation in AFFINE."""
    height, width = image.shape[2:]
    angle, ratio = amount["rotate"] * math.radians(30), height / width
    cosine, sine = torch.cos(angle), torch.sin(angle)
    across, down = 0.3 * amount["shear_x"], 0.3 * amount["shear_y"]
    # warp asks where each pixel comes from, in units of half the image: a rotation, with
    # the ratio that keeps circles round, after a shear.
    x = torch.stack([cosine - sine * ratio * down, cosine * across - sine * ratio,
                     0.9 * amount["translate_x"]], 1)  # fmt: skip
    y = torch.stack([sine / ratio + cosine * down, sine / ratio * across + cosine,
                     0.9 * amount["translate_y"]], 1)  # fmt: skip
    mode = "reflection" if border == "reflect" else "zeros"
    return warp(image, x, y, (height, width), mode).to(image.dtype)


def recolored(image: Tensor, amount: dict[str, Tensor]) -> Tensor:
    """Brightness, contrast, saturation and sharpness, each by a factor of 1 + 0.9 amount."""
    factor = {name: (1 + 0.9 * amount[name]).view(-1, 1, 1, 1) for name in COLOR}
    image = image * factor["brightness"]
    mean = grey(image).mean((1, 2, 3), keepdim=True)
    image = mean + (image - mean) * factor["contrast"]
    plain = grey(image)
    image = plain + (image - plain) * factor["color"]
    blurred = F.avg_pool2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return torch.lerp(blurred, image, factor["sharpness"]).clamp(0, 1)


def toned(image: Tensor, chosen: dict[str, Tensor], strength: float) -> Tensor:
    """Posterized, solarized, stretched to full contrast, equalized: where `chosen`, bool (B,)."""
    image = _where(chosen["posterize"], posterized(image, 8 - round(4 * strength)), image)
    solarized = torch.where(image >= 1 - strength, 1 - image, image) if strength else image
    image = _where(chosen["solarize"], solarized, image)
    low, high = image.amin((2, 3), keepdim=True), image.amax((2, 3), keepdim=True)
    stretched = (image - low) / (high - low).clamp(min=1 / LEVELS)
    image = _where(chosen["autocontrast"], stretched, image)
    return _where(chosen["equalize"], equalized(image), image)


def posterized(image: Tensor, bits: int) -> Tensor:
    """Only the highest `bits` of the 8 of every value."""
    step = 2 ** (8 - bits)
    kept: Tensor = _levels(image) // step * step
    return kept / (LEVELS - 1)


def equalized(image: Tensor) -> Tensor:
    """Every channel with a flat histogram of its 256 levels: the share of pixels that are darker.

    The darkest level becomes black and the brightest white; one level alone stays as it is.
    """
    batch, channels = image.shape[:2]
    level = _levels(image).long().flatten(2)  # (B, C, H * W)
    count = torch.zeros(batch, channels, LEVELS, device=image.device)
    count.scatter_add_(2, level, torch.ones_like(level, dtype=count.dtype))
    darker = count.cumsum(2) - count
    most = darker.gather(2, level.amax(2, keepdim=True))
    made = (darker / most.clamp(min=1)).gather(2, level).view(image.shape)
    return torch.where(most.unsqueeze(3) > 0, made.to(image.dtype), image)


def grey(image: Tensor) -> Tensor:
    """Luminance (B, 1, H, W)."""
    if image.shape[1] == 1:
        return image
    return GREY[0] * image[:, 0:1] + GREY[1] * image[:, 1:2] + GREY[2] * image[:, 2:3]


def _levels(image: Tensor) -> Tensor:
    """Values in [0, 1] as whole numbers from 0 to 255."""
    return (image * (LEVELS - 1)).round().clamp(0, LEVELS - 1)


def _where(chosen: Tensor, changed: Tensor, image: Tensor) -> Tensor:
    return torch.where(chosen.view(-1, 1, 1, 1), changed.to(image.dtype), image)
