"""Texture without any training: one layer of random filters at many scales.

Ustyuzhaninov, Brendel, Gatys and Bethge 2016, "Texture synthesis using shallow convolutional
networks with random filters", arXiv:1606.00021, the multi-scale model.

Differences: filters wider than 11 pixels are 11 wide on an image averaged down 2, 4 or 8 times
(the 23, 37 and 55 pixel filters of the paper would cost 150 times as much); 32 maps a scale
instead of 128; the paper has no content, here it is the image itself, averaged 2 times down.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MAPS = 32  # filters at each scale
SCALES = {  # name: (side of the filter, how often the image is halved before)
    "filters3": (3, 0),
    "filters5": (5, 0),
    "filters7": (7, 0),
    "filters11": (11, 0),
    "filters22": (11, 1),
    "filters44": (11, 2),
    "filters88": (11, 3),
}


class RandomFilters(nn.Module):
    """Random filters with ReLU at seven scales, and `blurred`, the image itself made small.

    seed: of the weights, uniform in the range of Glorot and Bengio 2010 as in the paper, less nine
    tenths of their mean over a filter, so that they see contrast more than brightness.
    """

    centre: Tensor

    def __init__(self, seed: int = 0, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.dtype = dtype
        self.register_buffer("centre", torch.full((3,), 0.45))
        generator = torch.Generator().manual_seed(seed)
        for name, (side, _) in SCALES.items():
            limit = (6 / ((3 + MAPS) * side * side)) ** 0.5
            weight = (torch.rand(MAPS, 3, side, side, generator=generator) * 2 - 1) * limit
            weight -= weight.mean((2, 3), keepdim=True) * 0.9
            self.register_buffer(name, weight.contiguous(memory_format=torch.channels_last))

    def strides(self) -> dict[str, int]:
        """Pixels between neighbours of every layer that can be asked for."""
        return {name: 2**halvings for name, (_, halvings) in SCALES.items()} | {"blurred": 2}

    def channels(self) -> dict[str, int]:
        """Width of every layer that can be asked for."""
        return dict.fromkeys(SCALES, MAPS) | {"blurred": 3}

    def reach(self, layers: Sequence[str]) -> int:
        """Pixels to each side that the farthest-seeing of `layers` depends on."""
        sizes = {name: (side // 2 + 1) << halvings for name, (side, halvings) in SCALES.items()}
        return max((sizes | {"blurred": 2})[name] for name in layers)

    def smallest(self, layers: Sequence[str]) -> int:
        """Side in pixels of the smallest image that all `layers` can be read of."""
        return 2 * max(self.strides()[name] for name in layers)

    def forward(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """image (1, 3, H, W) in [0, 1] -> each of `layers` (1, C, H / stride, W / stride)."""
        x = (image - self.centre.view(3, 1, 1)).contiguous(memory_format=torch.channels_last)
        maps: dict[str, Tensor] = {}
        for halvings in range(4):
            for name, (side, wanted) in SCALES.items():
                if wanted == halvings and name in layers:
                    # Mirrored at the border: zeros would be a dark frame that no painting has.
                    mode = "reflect" if min(x.shape[2:]) > side // 2 else "replicate"
                    around = F.pad(x, (side // 2,) * 4, mode=mode)
                    maps[name] = F.relu(F.conv2d(around, self.get_buffer(name))).to(self.dtype)
            if halvings == 1 and "blurred" in layers:
                maps["blurred"] = x
            x = F.avg_pool2d(x, 2)
        return maps
