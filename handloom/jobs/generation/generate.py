"""Latents to images, by a decoder or a generator."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from handloom.engine.precision import Precision


def generate(
    network: nn.Module,
    latent: Tensor,
    precision: Precision,
    label: Tensor | None = None,
    batch: int = 256,
) -> Tensor:
    """Images uint8 (N, H, W, C), on the CPU.

    network: has `generate(latent (B, D), label (B,) or None) -> image (B, C, H, W)` in [0, 1]; it
    is switched to eval mode and back. latent (N, D), label int64 (N,). Uses no random numbers.
    """
    pixels = []
    with eval_mode(network):
        for rows in torch.arange(len(latent)).split(batch):
            classes = None if label is None else label[rows].to(precision.device)
            with precision.autocast():
                image = network.generate(  # type: ignore[operator]
                    latent[rows].to(precision.device), classes
                )
            pixels.append(to_pixels(image))
    return torch.cat(pixels)


def to_pixels(image: Tensor) -> Tensor:
    """image (B, C, H, W) in [0, 1] to uint8 (B, H, W, C), rounded, on the CPU."""
    scaled = image.detach().float().clamp(0, 1).mul(255).round_()
    return scaled.byte().permute(0, 2, 3, 1).contiguous().cpu()


def generating_network(networks: dict[str, nn.Module]) -> nn.Module:
    """The network of a run that makes images: its decoder or its generator."""
    return networks["decoder" if "decoder" in networks else "generator"]


@contextmanager
def eval_mode(network: nn.Module) -> Iterator[None]:
    """Eval mode without gradients; every module gets its own mode back afterwards."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
