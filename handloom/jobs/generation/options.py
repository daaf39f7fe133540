"""What the generative jobs share: options, and images with or without labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from handloom.config import option
from handloom.errors import UserError
from handloom.jobs.images.data import ImageDataOptions
from handloom.jobs.images.data import load_images as read_images
from handloom.jobs.options import ResolvedTraining, TrainingConfig
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import DataSet
    from handloom.data.io.progress import ReportProgress

LEAST = 64  # images


@dataclass(frozen=True, kw_only=True)
class Generation(TrainingConfig, ImageDataOptions):
    """Options of autoencoder, vae and gan."""

    size: int | None = option(None, "side in pixels to which images are resized", 8, 256)
    latent_dim: int | None = option(None, "dimensions of the latent", 1, 4096)
    sample_every: int | None = option(
        None, "steps between samples; some are written after every epoch in any case", 1
    )


@dataclass(frozen=True, kw_only=True)
class ResolvedGeneration(ResolvedTraining, Generation):
    """Generation with every option chosen."""

    weight_decay: float
    latent_dim: int


def load_images(
    config: Generation, data: str, report: ReportProgress, validation: float | None = None
) -> DataSet:
    """Images for a generative job, labelled where the set has labels.

    validation: share of the training images held out, as in `data.images.load`. Raises UserError
    for fewer than 64 images, and for images that are all the same or of a single colour.
    """
    images = read_images(config, data, report, validation, labelled=None)
    count = len(images.train) + (0 if images.valid is None else len(images.valid))
    if count < LEAST:
        raise UserError(
            f"{data} has {pluralize(count, 'image')} for training: give at least {LEAST}; a few "
            "thousand give good results"
        )
    pixels = images.train.image
    for same, what in ((pixels[:, :1, :1], "is of a single colour"), (pixels[:1], "is the same")):
        if _equal(pixels, same):
            raise UserError(f"every image of {data} {what}: give images that differ")
    return replace(images, notes=(*images.notes, *_shapes(images)))


def _equal(image: Tensor, same: Tensor, rows: int = 256) -> bool:
    """Whether all images equal `same`, broadcast; in blocks, up to the first difference."""
    same = same.expand_as(image)
    starts = range(0, len(image), rows)
    return all(bool((image[i : i + rows] == same[i : i + rows]).all()) for i in starts)


def _shapes(data: DataSet) -> list[str]:
    """A note on how images of different sizes or modes are made alike."""
    width, height = data.facts.get("width"), data.facts.get("height")
    modes = data.facts.get("modes", {})
    if not width or not height:
        return []
    differ = width["min"] != width["max"] or height["min"] != height["max"] or len(modes) > 1
    if not differ:
        return []
    tall, wide = data.preprocessing["size"]
    kind = "grey" if data.preprocessing["channels"] == 1 else "colour"
    return [
        f"images of {width['min']}x{height['min']} to {width['max']}x{height['max']} pixels "
        f"({', '.join(sorted(modes))}) are cropped to the centre and "
        f"resized to {wide}x{tall}, {kind}"
    ]
