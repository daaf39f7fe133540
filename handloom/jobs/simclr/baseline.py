"""The baseline of an encoder: neighbours by pixels, which learned nothing."""

import torch
from torch import Tensor
from torch.nn import functional as F

from handloom.data.images.dataset import Images

SIDE = 32  # pixels, as of the encoder `pixels`


def pixels_of(images: Images, rows: int = 1_000) -> Tensor:
    """The pixels of a copy of at most 32x32, around 0, float32 (N, D)."""
    height, width = images.size
    size, copies = (min(SIDE, height), min(SIDE, width)), list[Tensor]()
    for pixels in images.image.split(rows):
        image = pixels.permute(0, 3, 1, 2).float() / 255 - 0.5
        copies.append(F.adaptive_avg_pool2d(image, size).flatten(1))
    return torch.cat(copies)
