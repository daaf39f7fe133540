"""Which places in an image speak for an answer of a network.

Grad-CAM: Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.maps import hooked, last_map_layer


def grad_cam(network: nn.Module, image: Tensor, wanted: Tensor) -> Tensor | None:
    """How much each place of images speaks for a class, float (B, H, W) in [0, 1], on the CPU.

    network: image (B, C, H, W) in [0, 1] to logits (B, K), in eval mode; image: on its device;
    wanted: int64 (B,), the class that is asked about. The map is that of the last layer with at
    least 4x4 cells, or of the last layer with a map. None for a network without maps, such as an
    MLP, and for one whose maps become tokens, which mix all places. A map is 0 where nothing speaks
    for the class.
    """
    layer = last_map_layer(network, image[:1])
    if layer is None:
        return None
    with torch.enable_grad():
        kept: list[Tensor] = []
        with hooked(layer, kept):
            logits = network(image.detach().requires_grad_())
        maps = kept[-1]  # of mirror images too where a network looks at these, behind the others
        score = logits.gather(1, wanted.to(logits.device)[:, None]).sum()
        (slope,) = torch.autograd.grad(score, maps)
    weight = slope.mean((2, 3), keepdim=True)  # eq. 1
    heat = F.relu((weight * maps.detach()).sum(1))[: len(image)]  # eq. 2
    heat = F.interpolate(heat[:, None], image.shape[2:], mode="bilinear")[:, 0]
    return (heat / heat.amax((1, 2), keepdim=True).clamp(min=1e-12)).float().cpu()
