"""Images to latents."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from handloom.engine.precision import Precision
from handloom.jobs.generation.generate import eval_mode


class Posterior(NamedTuple):
    """Latents of images.

    mean: float32 (N, D), on the CPU. variance: the same of a variational encoder, whose posterior
    is N(mean, diag(variance)); None of a plain one.
    """

    mean: Tensor
    variance: Tensor | None


def encode_images(
    encoder: nn.Module,
    pixels: Tensor,
    label: Tensor | None,
    precision: Precision,
    batch: int = 500,
) -> Posterior:
    """Latents of images uint8 (N, H, W, C).

    encoder: has `latent_dim`; (image, label) -> (B, D) or (B, 2 D), means and log variances.
    label: int64 (N,), for a conditional encoder.
    """
    outputs = []
    with eval_mode(encoder):
        for start in range(0, len(pixels), batch):
            rows = slice(start, start + batch)
            classes = None if label is None else label[rows].to(precision.device)
            with precision.autocast():
                outputs.append(encoder(to_image(pixels[rows], precision), classes))
    output = torch.cat(outputs).float().cpu()
    mean, *log_variance = output.split(int(encoder.latent_dim), 1)  # type: ignore[arg-type]
    return Posterior(mean, log_variance[0].exp() if log_variance else None)


def to_image(pixels: Tensor, precision: Precision) -> Tensor:
    """uint8 (N, H, W, C) to float in [0, 1], (N, C, H, W), on the device."""
    return pixels.to(precision.device).permute(0, 3, 1, 2).float().div_(255)
