"""The images of one size as tensors: targets, where the pixels begin, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.images import StyleImages
from handloom.jobs.stylize.sizes import Size

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class Targets:
    """Photo and paintings at one size, in the colours that are optimised.

    content: the photo as the network reads it, (1, 3, H, W); paintings: (1, 3, h, w) each.
    """

    content: Tensor
    paintings: list[Tensor]


def targets(config: Config, images: StyleImages, size: Size) -> Targets:
    """The images at a size, their colours changed as the options say."""
    from handloom.jobs.stylize.colors import luminance, match_colors, match_luminance

    photo = images.photo.at(size.height, size.width)
    side = max(1, round(min(size.height, size.width) * config.style_scale))
    paintings = [opened.at(*opened.sized(side)) for opened in images.paintings]
    if config.colors == "histogram":
        return Targets(photo, [match_colors(painting, photo) for painting in paintings])
    if config.colors == "luminance":
        grey = luminance(photo)
        matched = [match_luminance(luminance(painting), grey) for painting in paintings]
        return Targets(grey.expand(-1, 3, -1, -1), [m.expand(-1, 3, -1, -1) for m in matched])
    return Targets(photo, paintings)


def first_pixels(config: Config, images: StyleImages, size: Size, content: Tensor) -> Tensor:
    """Where the first size begins: (1, 3, H, W), or (1, 1, H, W) of luminance alone."""
    import torch

    from handloom.jobs.stylize.colors import luminance

    if config.start == "noise":
        generator = torch.Generator().manual_seed(config.seed)
        pixels = torch.rand(1, 3, size.height, size.width, generator=generator)
    elif images.start is not None:
        pixels = images.start.at(size.height, size.width)
    else:
        pixels = content
    return luminance(pixels) if config.colors == "luminance" else pixels


def enlarged(pixels: Tensor, size: Size) -> Tensor:
    """The result of one size as the start of the next, (1, C, H, W)."""
    from torch.nn.functional import interpolate

    shape = (size.height, size.width)
    return interpolate(pixels.detach(), shape, mode="bicubic", align_corners=False).clamp(0, 1)


def shown(config: Config, pixels: Tensor, images: StyleImages) -> Tensor:
    """The pixels that are optimised as the image that is seen: (1, 3, H, W) in [0, 1]."""
    from handloom.jobs.stylize.colors import recolored

    pixels = pixels.detach().cpu()
    if config.colors == "luminance":
        return recolored(pixels, images.photo.at(*pixels.shape[2:]))
    return pixels.clamp(0, 1)


def covers(
    images: StyleImages, strides: dict[str, int], layers: list[str], size: Size, paintings: int
) -> list[dict[str, Tensor]]:
    """Where each painting goes: by layer, (1, 1, h, w) in [0, 1], from the masks."""
    import torch

    from handloom.jobs.stylize.colors import luminance

    by_painting: list[dict[str, Tensor]] = [{} for _ in range(paintings)]
    for layer in layers:
        shape = (size.height // strides[layer], size.width // strides[layer])
        masks = [luminance(mask.at(*shape)) for mask in images.masks]
        if len(masks) < paintings:
            masks.append(
                (1 - torch.cat([torch.zeros(1, 1, *shape), *masks]).sum(0)[None]).clamp(0, 1)
            )
        for cover, mask in zip(by_painting, masks, strict=True):
            cover[layer] = mask
    return by_painting
