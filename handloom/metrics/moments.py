"""Mean and standard deviation of the pixels of a set, which a network normalizes with."""

import torch
from torch import Tensor

from handloom.division.sample import sample_rows

MOST = 10_000  # images measured


def pixel_moments(image: Tensor, label: Tensor | None) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of every channel, in [0, 1], over at most 10,000 images.

    image: uint8 (N, H, W, C). label: int64 (N,), or None where there is none.
    """
    pixels = image[sample_rows(len(image), MOST, label)].flatten(0, 2)
    counts = torch.stack([torch.bincount(channel, minlength=256) for channel in pixels.T]).double()
    level = torch.arange(256) / 255
    mean = (counts * level).sum(1) / counts.sum(1)
    std = ((counts * level**2).sum(1) / counts.sum(1) - mean**2).clamp(min=1e-6).sqrt()
    return [round(v, 4) for v in mean.tolist()], [round(max(v, 0.01), 4) for v in std.tolist()]
