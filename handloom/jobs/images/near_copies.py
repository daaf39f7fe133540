"""Images that are nearly those of a training: saved again, resized, mirrored or cropped.

A run keeps digests of what it was trained on, which know equal files alone. Near-copies are looked
for among the training images themselves, where these are at hand, as they are before a division.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from handloom import waiting
from handloom.data.images.duplicates import AT_ONCE, DETAILED, MOST_PAIRS, SMALLEST, near
from handloom.data.images.signatures import grey
from handloom.data.io.labels import normal
from handloom.errors import UserError
from handloom.jobs.images.data import own_data

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.jobs.loading import Loaded

MOST = 100_000  # images of both kinds together; comparing takes about 20 s
UNKNOWN = "near-copies of training images, such as one saved again, are not looked for: "


LIMITED = (
    f"more than {MOST_PAIRS:,} pairs of images look alike, and the nearest alone were compared: "
    "near-copies of training images may be among the others"
)


class NearCopies(NamedTuple):
    """Which images are near-copies of training images, bool (N,); note: why that is not known, or
    not of all."""

    are: Tensor
    note: str | None = None


def near_trained(run: Loaded[Any], images: Images) -> NearCopies:
    """Near-copies, of the same class where both have one, of the images that a run was trained on.

    Of images below 32 pixels none: there different images are as alike (see `duplicates`).
    """
    none = torch.zeros(len(images), dtype=torch.bool)
    if min(images.size) < SMALLEST or not len(images):
        return NearCopies(none)
    try:
        train = own_data(run).train
    except UserError:
        return NearCopies(none, f"{UNKNOWN}the training data are not at hand as they were")
    count = len(train) + len(images)
    if count > MOST:
        return NearCopies(none, f"{UNKNOWN}{count:,} images are too many to compare")
    with waiting.doing("looking for near-copies of training images"):
        small = torch.cat([_small(train.image), _small(images.image)])
        groups = near(small, waiting.report)
    group, note = groups.copies.tolist(), LIMITED if groups.is_limited else None
    learned, asked = group[: len(train)], group[len(train) :]
    if train.label is None or images.label is None:
        known = set(learned)
        return NearCopies(torch.tensor([number in known for number in asked]), note)
    pairs = set(zip(learned, _classes(train), strict=True))
    mine = zip(asked, _classes(images), strict=True)
    return NearCopies(torch.tensor([pair in pairs for pair in mine]), note)


def _classes(images: Images) -> list[str]:
    assert images.label is not None
    return [normal(images.classes[number]) for number in images.label.tolist()]


def _small(image: Tensor) -> Tensor:
    """Grey, uint8 (N, S, S, 1), of the size at which copies are compared: 4 KB an image."""
    parts = []
    for part in torch.split(image, AT_ONCE):
        brightness = grey(part)
        if min(brightness.shape[2:]) > DETAILED:
            brightness = adaptive_avg_pool2d(brightness, DETAILED)
        parts.append(brightness.round().to(torch.uint8))
    return torch.cat(parts).permute(0, 2, 3, 1)
