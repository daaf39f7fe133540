"""samples/augmented.png: what augmentation makes of training images, for a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.data.images.drawing.grid import png, sheet
from handloom.engine.loop import Callback
from handloom.objectives.classification import Classification

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.engine.loop import Fit
    from handloom.runs.directory import RunDirectory

NAME = "augmented.png"
MOST_CLASSES, VARIANTS = 10, 7


class Augmented(Callback):
    """Writes it before the first step; what training draws at random does not depend on it."""

    def __init__(self, directory: RunDirectory, train: Images) -> None:
        self.directory, self.train = directory, train

    def start(self, fit: Fit) -> None:
        """Write it, where something is augmented and it is not there from before a stop."""
        objective, device = fit.experiment.objective, fit.experiment.precision.device
        assert isinstance(objective, Classification)
        if objective.augment is None or (self.directory.path / "samples" / NAME).exists():
            return
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(0)
            image, labels = variants(objective.augment, self.train, device)
        self.directory.write_sample(NAME, png(sheet(image, labels)))


@torch.no_grad()
def variants(augment: nn.Module, train: Images, device: torch.device) -> tuple[Tensor, list[str]]:
    """The first image of some classes as it is and augmented, uint8 (N, H, W, C), and the class of
    each."""
    assert train.label is not None
    label = train.label.tolist()
    rows = torch.tensor([label.index(number) for number in sorted(set(label))[:MOST_CLASSES]])
    repeated = rows.repeat_interleave(VARIANTS)
    plain, was_training = _floats(train.image[rows], device), augment.training
    augment.train()
    if train.whole is None:
        made = augment(_floats(train.image[repeated], device))  # (N * VARIANTS, C, H, W)
    else:
        image, row, aspect = train.whole
        made = augment(_floats(image[row[repeated]], device), aspect[repeated].to(device))
    augment.train(was_training)
    resized = F.interpolate(plain, made.shape[2:], mode="bilinear", antialias=True)
    each = torch.cat([resized[:, None], made.unflatten(0, (len(rows), VARIANTS))], 1).flatten(0, 1)
    pixels = (each.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu()
    names = [train.classes[label[row]] for row in rows.tolist()]
    return pixels, [name for name in names for _ in range(1 + VARIANTS)]


def _floats(image: Tensor, device: torch.device) -> Tensor:
    """uint8 (N, H, W, C) to (N, C, H, W) in [0, 1]."""
    return image.to(device).permute(0, 3, 1, 2).float() / 255
