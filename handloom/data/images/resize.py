"""Whole sets of decoded images brought to another size or number of channels."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

AT_ONCE = 2048
GREYS = {"white": 255, "grey": 128, "black": 0}
LUMA = (19595, 38470, 7471)  # / 65536: ITU-R 601, as Pillow converts to grey


def resized(
    image: Tensor,
    size: tuple[int, int] | None,
    channels: int | None,
    fit: str = "crop",
    background: str = "white",
    crop: float = 1.0,
    interpolation: str = "bilinear",
) -> Tensor:
    """Images uint8 (N, h, w, c) as (N, *size, channels); None keeps what there is.

    As `decode` does it: brought to the shape by `fit`, of which the middle `crop` is kept, with
    antialiased scaling.
    """
    height, width = size or image.shape[1:3]
    depth = channels or image.shape[3]
    if tuple(image.shape[1:]) == (height, width, depth) and (crop == 1 or fit == "pad"):
        return image
    output = torch.empty(image.shape[0], height, width, depth, dtype=torch.uint8)
    for start in range(0, image.shape[0], AT_ONCE):
        part = _with_channels(image[start : start + AT_ONCE], depth)
        if fit == "pad":
            part = _padded(part, height, width, GREYS[background])
        elif fit == "crop":
            part = _cut(part, height, width, crop)
        elif crop < 1:
            part = _cut(part, part.shape[1], part.shape[2], crop)
        output[start : start + AT_ONCE] = _scaled(part, height, width, interpolation)
    return output


def _with_channels(image: Tensor, channels: int) -> Tensor:
    if image.shape[3] == channels:
        return image
    if channels == 3:
        return image.expand(-1, -1, -1, 3)
    luma = (image.int() * torch.tensor(LUMA, dtype=torch.int32)).sum(-1, keepdim=True)
    return ((luma + 32768) >> 16).byte()


def _cut(image: Tensor, height: int, width: int, crop: float) -> Tensor:
    """The middle, uint8 (N, h, w, C), of the shape height to width: a share of the largest."""
    scale = crop * min(image.shape[1] / height, image.shape[2] / width)
    tall, wide = round(height * scale), round(width * scale)
    top, left = (image.shape[1] - tall) // 2, (image.shape[2] - wide) // 2
    return image[:, top : top + tall, left : left + wide]


def _padded(image: Tensor, height: int, width: int, grey: int) -> Tensor:
    """Borders around uint8 (N, h, w, C), so that it has the proportions of height to width."""
    scale = max(image.shape[1] / height, image.shape[2] / width)
    down, across = round(height * scale) - image.shape[1], round(width * scale) - image.shape[2]
    borders = (0, 0, across // 2, across - across // 2, down // 2, down - down // 2)
    return pad(image, borders, value=grey)


def _scaled(image: Tensor, height: int, width: int, interpolation: str) -> Tensor:
    planes = image.permute(0, 3, 1, 2)  # (N, C, h, w)
    if planes.shape[2:] != (height, width):
        planes = interpolate(planes, (height, width), mode=interpolation, antialias=True)
    return planes.permute(0, 2, 3, 1)
