"""samples/augmented.png: what augmentation makes of training images, for a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.data.images.grid import png, sheet
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
    rows = [label.index(number) for number in sorted(set(label))[:MOST_CLASSES]]
    plain = train.image[torch.tensor(rows)].to(device).permute(0, 3, 1, 2).float() / 255
    was_training = augment.training
    made = augment.train()(plain.repeat_interleave(VARIANTS, 0))  # (N * VARIANTS, C, H, W)
    augment.train(was_training)
    resized = F.interpolate(plain, made.shape[2:], mode="bilinear", antialias=True)
    each = torch.cat([resized[:, None], made.unflatten(0, (len(rows), VARIANTS))], 1).flatten(0, 1)
    pixels = (each.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu()
    names = [train.classes[label[row]] for row in rows]
    return pixels, [name for name in names for _ in range(1 + VARIANTS)]
