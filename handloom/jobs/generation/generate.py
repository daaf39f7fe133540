"""Images of a decoder or a generator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from handloom.engine.precision import Precision


def draw(
    network: nn.Module,
    latent: Tensor,
    precision: Precision,
    label: Tensor | None = None,
    batch: int = 256,
) -> Tensor:
    """Images uint8 (N, H, W, C), on the CPU.

    network: has `draw(latent (B, D), label (B,) or None) -> image (B, C, H, W)` in [0, 1]; it is in
    eval mode meanwhile, and afterwards as it was. latent (N, D), label int64 (N,). Draws no random
    numbers.
    """
    found, made = list[Tensor](), cast(Any, network)
    with judged(network):
        for rows in torch.arange(len(latent)).split(batch):
            chosen = None if label is None else label[rows].to(precision.device)
            with precision.autocast():
                image = made.draw(latent[rows].to(precision.device), chosen)
            found.append(pixels_of(image))
    return torch.cat(found)


def pixels_of(image: Tensor) -> Tensor:
    """image (B, C, H, W) in [0, 1] as uint8 (B, H, W, C), rounded, on the CPU."""
    scaled = image.detach().float().clamp(0, 1).mul(255).round_()
    return scaled.byte().permute(0, 2, 3, 1).contiguous().cpu()


def painter(networks: dict[str, nn.Module]) -> nn.Module:
    """The network of a run that draws: its decoder, or its generator."""
    return networks["decoder" if "decoder" in networks else "generator"]


@contextmanager
def judged(network: nn.Module) -> Iterator[None]:
    """In eval mode and without gradients; afterwards every module is in the mode it was in."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
