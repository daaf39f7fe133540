"""samples/views.png: what the two views of a training image are, for a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from handloom.data.images.drawing.grid import pairs, png
from handloom.engine.loop import Callback
from handloom.objectives.simclr import SimCLR

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.engine.loop import Fit
    from handloom.runs.directory import RunDirectory

NAME, IMAGES = "views.png", 16


class ViewsSample(Callback):
    """Writes it before the first step; what training draws at random does not depend on it."""

    def __init__(self, directory: RunDirectory, train: Images) -> None:
        self.directory, self.train = directory, train

    def start(self, fit: Fit) -> None:
        """Write it, where it is not there from before a stop."""
        objective, device = fit.experiment.objective, fit.experiment.precision.device
        assert isinstance(objective, SimCLR)
        if (self.directory.path / "samples" / NAME).exists():
            return
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(0)
            first, second = two_views(objective.views, self.train, device)
        self.directory.write_sample(NAME, png(pairs(first, second)))


@torch.no_grad()
def two_views(views: nn.Module, train: Images, device: torch.device) -> tuple[Tensor, Tensor]:
    """Two views of some images, spread over the set, uint8 (N, H, W, C) each."""
    count = min(IMAGES, len(train))
    rows = torch.arange(count) * len(train) // count
    image = train.image[rows].to(device).permute(0, 3, 1, 2).float() / 255
    seen = (views(image.repeat(2, 1, 1, 1)) * 255).round().byte().permute(0, 2, 3, 1).cpu()
    return seen[:count], seen[count:]
