"""Whole sets of decoded images brought to another size or number of channels."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate

AT_ONCE = 2048
LUMA = (19595, 38470, 7471)  # / 65536: ITU-R 601, as Pillow converts to grey


def resized(image: Tensor, size: int | None, channels: int | None) -> Tensor:
    """Images uint8 (N, H, W, C) as (N, size, size, channels); None keeps what there is.

    As `decode` does it: the middle cut out, then antialiased bilinear scaling.
    """
    height, width = (size, size) if size else image.shape[1:3]
    depth = channels or image.shape[3]
    if tuple(image.shape[1:]) == (height, width, depth):
        return image
    output = torch.empty(image.shape[0], height, width, depth, dtype=torch.uint8)
    for start in range(0, image.shape[0], AT_ONCE):
        part = _with_channels(image[start : start + AT_ONCE], depth)
        output[start : start + AT_ONCE] = _scaled(_cut(part, height, width), height, width)
    return output


def _with_channels(image: Tensor, channels: int) -> Tensor:
    if image.shape[3] == channels:
        return image
    if channels == 3:
        return image.expand(-1, -1, -1, 3)
    luma = (image.int() * torch.tensor(LUMA, dtype=torch.int32)).sum(-1, keepdim=True)
    return ((luma + 32768) >> 16).byte()


def _cut(image: Tensor, height: int, width: int) -> Tensor:
    """The largest middle part, uint8 (N, h, w, C), of the shape height to width."""
    scale = min(image.shape[1] / height, image.shape[2] / width)
    tall, wide = round(height * scale), round(width * scale)
    top, left = (image.shape[1] - tall) // 2, (image.shape[2] - wide) // 2
    return image[:, top : top + tall, left : left + wide]


def _scaled(image: Tensor, height: int, width: int) -> Tensor:
    planes = image.permute(0, 3, 1, 2)  # (N, C, h, w)
    if planes.shape[2:] != (height, width):
        planes = interpolate(planes, (height, width), mode="bilinear", antialias=True)
    return planes.permute(0, 2, 3, 1)
