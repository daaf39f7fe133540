"""What the generative jobs share: options, and images with or without labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handloom.config import option
from handloom.errors import UserError
from handloom.jobs.image_data import ImageDataOptions
from handloom.jobs.image_data import load_images as read_images
from handloom.jobs.options import TrainingConfig
from handloom.wording import pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import DataSet, Report

LEAST = 64  # images


@dataclass(frozen=True, kw_only=True)
class Generation(TrainingConfig, ImageDataOptions):
    """Options of autoencoder, vae and gan."""

    size: int | None = option(None, "side in pixels to which images are resized", 8, 256)
    latent_dim: int | None = option(None, "dimensions of the latent of an image", 1, 4096)
    sample_every: int | None = option(
        None, "steps between samples, which are written after every epoch anyway", 1
    )


def load_images(config: Any, data: str, report: Report, validation: float | None = None) -> DataSet:
    """Images for a generative job, labelled where the set has labels.

    validation: share of the training images kept for judging, as in `data.load`; a set with a
    test split may do without. Raises UserError below 64 images and where all are one colour.
    """
    from handloom.data.images import NoLabels

    try:
        found = read_images(config, data, report, validation)
    except NoLabels:
        found = read_images(config, data, report, validation, labelled=False)
    count = len(found.train) + (0 if found.valid is None else len(found.valid))
    if count < LEAST:
        raise UserError(
            f"{data} has {pluralize(count, 'image')} to learn from: a network that draws needs "
            f"{LEAST} at least, and some thousands to do it well"
        )
    image = found.train.image
    for same, what in ((image[:, :1, :1], "is of a single colour"), (image[:1], "is the same")):
        if _equal(image, same):
            raise UserError(
                f"every image of {data} {what}: there is nothing to learn in them, give "
                "images that differ"
            )
    return replace(found, notes=(*found.notes, *_shapes(found)))


def _equal(image: Tensor, same: Tensor, rows: int = 256) -> bool:
    """Whether all images are what `same` repeats; a few at a time, until one is not."""
    same = same.expand_as(image)
    starts = range(0, len(image), rows)
    return all(bool((image[i : i + rows] == same[i : i + rows]).all()) for i in starts)


def _shapes(data: DataSet) -> list[str]:
    """One sentence where images differ in size or mode: what is made of them."""
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
        f"({', '.join(sorted(modes))}) are all made {wide}x{tall} in {kind}, cut to their middle"
    ]
