"""Probabilities of images."""

import torch
from torch import Tensor, nn

from handloom.engine.precision import Precision


@torch.no_grad()
def classify(network: nn.Module, pixels: Tensor, precision: Precision, batch: int = 512) -> Tensor:
    """Class probabilities float32 (N, K), on the CPU.

    pixels: uint8 (N, H, W, C), as pictures are decoded; network: image (B, C, H, W) in [0, 1] to
    logits (B, K), in eval mode.
    """
    found = []
    for rows in pixels.split(batch):
        image = rows.to(precision.device).permute(0, 3, 1, 2).float().div_(255)
        with precision.autocast():
            logits = network(image)
        found.append(logits.float().softmax(1).cpu())
    return torch.cat(found)
