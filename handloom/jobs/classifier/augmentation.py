"""The augmentation that a classifier's options ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from handloom.jobs.classifier.config import Resolved


def augmentation(
    config: Resolved, image: tuple[int, int], out: tuple[int, int], grey: bool
) -> nn.Module | None:
    """Changes of training images of `image` pixels (H, W), which come out with `out`; or None."""
    from torch import nn

    from handloom.models.layers.augment import Augment
    from handloom.models.layers.photo_augment import PhotoAugment

    steps: list[nn.Module] = []
    is_cropped = config.crop < 1 or config.color > 0 or out != image
    if is_cropped:
        steps.append(PhotoAugment(out, config.crop, color=config.color))
    changes = (config.translate, config.hflip, config.rotate, config.scale, config.cutout)
    if any(changes):
        # What comes in from outside: black around a digit, the mirrored edge of a photo.
        steps.append(Augment(*changes, "zeros" if grey else "reflect"))
    return nn.Sequential(*steps) if steps else None
