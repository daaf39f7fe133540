"""Where in an image a network finds what speaks for an answer.

Grad-CAM: Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SMALLEST = 4  # cells of the shorter side of a map; a coarser one says too little of the place


def grad_cam(network: nn.Module, image: Tensor, wanted: Tensor) -> Tensor | None:
    """How much each place of images speaks for a class, float (B, H, W) in [0, 1], on the CPU.

    network: image (B, C, H, W) in [0, 1] to logits (B, K), in eval mode; image: on its device;
    wanted: int64 (B,), the class that is asked about. The map is that of the last layer with at
    least 4x4 cells, or of the last there is. None for a network without maps, such as an MLP, and
    for one whose maps become tokens, which mix all places. 0 everywhere where nothing speaks for
    the class.
    """
    layer = map_layer(network, image[:1])
    if layer is None:
        return None
    with torch.enable_grad():
        maps, logits = _maps(network, layer, image.detach().requires_grad_())
        score = logits.gather(1, wanted.to(logits.device)[:, None]).sum()
        (slope,) = torch.autograd.grad(score, maps)
    weight = slope.mean((2, 3), keepdim=True)  # eq. 1
    heat = F.relu((weight * maps.detach()).sum(1))[: len(image)]  # eq. 2
    heat = F.interpolate(heat[:, None], image.shape[2:], mode="bilinear")[:, 0]
    return (heat / heat.amax((1, 2), keepdim=True).clamp(min=1e-12)).float().cpu()


@torch.no_grad()
def map_layer(network: nn.Module, image: Tensor) -> nn.Module | None:
    """The last module of a network that gives maps with enough cells; None where there is none.

    What is shaped as the image itself, such as a normalized one, is no map.
    """
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
    inside = [
        entry
        for entry in made
        if len(entry[1]) == 4 and min(entry[1][2:]) > 1 and entry[1][1:] != image.shape[1:]
    ]
    large = [entry for entry in inside if min(entry[1][2:]) >= SMALLEST]
    if not inside:
        return None
    chosen = (large or inside)[-1]
    after = made[made.index(chosen) :]
    return None if any(len(shape) == 3 for _, shape in after) else chosen[0]


def _shape(out: Any) -> tuple[int, ...]:
    return tuple(out.shape) if isinstance(out, Tensor) else ()


def _maps(network: nn.Module, layer: nn.Module, image: Tensor) -> tuple[Tensor, Tensor]:
    """What a layer gives on the way, (B', D, h, w), and the logits (B, K).

    B' is 2 B where the network looks at mirror images too, which come after the images.
    """
    kept: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _, __, out: kept.append(out))
    try:
        logits: Tensor = network(image)
    finally:
        hook.remove()
    return kept[-1], logits
