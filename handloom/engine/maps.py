"""The maps inside a network: which of its modules give them, and what they give."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

SMALLEST = 4  # cells of the shorter side; a coarser map says too little about where


@torch.no_grad()
def last_map_layer(network: nn.Module, image: Tensor) -> nn.Module | None:
    """The last module that gives maps of at least 4x4 cells, or the last that gives maps; None
    where there is none, or where maps become tokens later, which mix all places.

    network: image (1, C, H, W) to anything. What is as large as the image does not count as a map.
    """
    outputs = _outputs(network, image)
    inside = [place for place, (_, shape) in enumerate(outputs) if _is_map(shape, image)]
    large = [place for place in inside if min(outputs[place][1][2:]) >= SMALLEST]
    if not inside:
        return None
    chosen = (large or inside)[-1]
    if any(len(shape) == 3 for _, shape in outputs[chosen:]):
        return None
    return outputs[chosen][0]


@torch.no_grad()
def first_map_layer(network: nn.Module, image: Tensor) -> nn.Module | None:
    """The first module that gives maps smaller than the image; None where there is none."""
    outputs = _outputs(network, image)
    return next((module for module, shape in outputs if _is_map(shape, image)), None)


def output_of(network: nn.Module, layer: nn.Module, image: Tensor) -> Tensor:
    """The output of a layer for images (B, C, H, W), without gradients and without the mirror
    images that a network may look at too."""
    kept: list[Tensor] = []
    with torch.no_grad(), hooked(layer, kept):
        network(image)
    return kept[-1][: len(image)]


@contextmanager
def hooked(layer: nn.Module, kept: list[Tensor]) -> Iterator[None]:
    """A context in which every output of the layer is also appended to `kept`."""
    hook = layer.register_forward_hook(lambda _, __, out: kept.append(out))
    try:
        yield
    finally:
        hook.remove()


def _outputs(network: nn.Module, image: Tensor) -> list[tuple[nn.Module, tuple[int, ...]]]:
    """Every module with the shape of its output, in the order in which they finish."""
    made: list[tuple[nn.Module, tuple[int, ...]]] = []
    hooks = [
        module.register_forward_hook(lambda m, _, out: made.append((m, _shape(out))))
        for module in network.modules()
    ]
    try:
        network(image)
    finally:
        for hook in hooks:
            hook.remove()
    return made


def _shape(out: Any) -> tuple[int, ...]:
    return tuple(out.shape) if isinstance(out, Tensor) else ()


def _is_map(shape: tuple[int, ...], image: Tensor) -> bool:
    return len(shape) == 4 and 1 < min(shape[2:]) < min(image.shape[2:])
