"""Sets that come as arrays, named ones and folders of IDX files, as raw data sets."""

import statistics
from collections import Counter
from typing import Any

import torch
from torch import Tensor

from handloom.data.images.dataset import Images, Interpretation
from handloom.data.images.divide import RawDataSet
from handloom.data.images.duplicates import same
from handloom.data.images.reading import Shape
from handloom.data.images.resize import resized
from handloom.data.images.unpacked import Splits
from handloom.data.io.digest import digest, image_digest
from handloom.division.splits import ORDER
from handloom.errors import UserError


def from_arrays(
    name: str, splits: Splits, classes: tuple[str, ...] | None, shape: Shape, labelled: bool
) -> RawDataSet:
    """Splits of uint8 (N, H, W, C) and int64 (N,), in the shape asked for.

    classes: None names them by their numbers. Raises UserError for labels without a class and for a
    set without training images.
    """
    classes = classes if classes is not None else _numbered(splits)
    images: dict[str, Images] = {}
    for split in (split for split in ORDER if split in splits):
        image, label = splits[split]
        known = label if labelled else None
        _check_labels(name, known, classes)
        names = tuple(f"{split}/{row}" for row in range(len(image)))
        images[split] = Images(_shaped(image, shape), known, classes if labelled else (), names)
    train = images["train"]
    if not len(train):
        raise UserError(f"'{name}' has no training images: at least one is needed")
    exact = torch.arange(len(train)) if shape.is_like_run else same(train.image)
    return RawDataSet(
        name=name,
        splits=images,
        near=exact,
        alike=exact,
        exact=exact,
        fingerprint=digest(*(f"{key} {image_digest(*splits[key])}" for key in sorted(splits))),
        preprocessing=shape.recorded(train.size, train.channels, shape.fit or "crop"),
        facts=_facts([splits[split][0] for split in images]),
        interpretation=_interpretation(images, classes if labelled else ()),
    )


def _check_labels(name: str, label: Tensor | None, classes: tuple[str, ...]) -> None:
    if label is not None and len(label) and int(label.max()) >= len(classes):
        raise UserError(
            f"'{name}' has the label {int(label.max())} but {len(classes)} classes: "
            "its files do not belong together"
        )


def _shaped(image: Tensor, shape: Shape) -> Tensor:
    return resized(
        image,
        shape.size,
        shape.channels,
        shape.fit or "crop",
        shape.background,
        shape.crop,
        shape.interpolation,
    )


def _numbered(splits: Splits) -> tuple[str, ...]:
    tops = [int(label.max()) for _, label in splits.values() if label is not None and len(label)]
    return tuple(str(number) for number in range(max(tops, default=-1) + 1))


def _interpretation(images: dict[str, Images], classes: tuple[str, ...]) -> Interpretation:
    labels = [part.label for part in images.values() if part.label is not None]
    count = torch.bincount(torch.cat(labels), minlength=len(classes)).tolist() if labels else []
    return Interpretation(
        "arrays (IDX)",
        {split: len(part) for split, part in images.items()},
        dict(zip(classes, count, strict=False)),
    )


def _facts(images: list[Tensor]) -> dict[str, Any]:
    """What the images of all splits are like as they are stored."""
    modes = Counter[str]()
    for image in images:
        modes["L" if image.shape[3] == 1 else "RGB"] += len(image)
    return {
        "formats": {"array": modes.total()},
        "modes": dict(modes),
        "width": _spread([side for image in images for side in [image.shape[2]] * len(image)]),
        "height": _spread([side for image in images for side in [image.shape[1]] * len(image)]),
    }


def _spread(pixels: list[int]) -> dict[str, float]:
    return {"min": min(pixels), "median": statistics.median(pixels), "max": max(pixels)}
