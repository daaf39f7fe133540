"""What an image is known by, whatever its file is called and wherever it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from handloom.data.io.digest import array_digest

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from handloom.data.images.dataset import DataSet, Images
    from handloom.data.images.divide import Sides
    from handloom.jobs.loading import Loaded
    from handloom.runs.learned import Learned
    from handloom.runs.records import RunConfig


def contents(
    images: Images, digests: Mapping[str, str], rows: Sequence[int] | None = None
) -> list[str]:
    """What the images at `rows` (None: all) are known by, 32 hexadecimal digits each.

    The digest of the file's content where there is one in `digests` (by name, as a DataSet has
    them), so that a file is known by whatever name and at whatever size; of an array's the digest
    of its pixels. Equal files have equal digests.
    """
    every = range(len(images)) if rows is None else rows
    return [content_of(images.image[row].numpy(), digests.get(images.names[row])) for row in every]


def split_contents(data: DataSet) -> dict[str, list[str]]:
    """What the images of each split are known by."""
    return {name: contents(part, data.digests) for name, part in data.splits.items()}


def splits_among(
    run: Loaded[RunConfig], image: Tensor, digests: Sequence[str | None]
) -> list[str | None] | None:
    """The split that the run's training had each image in, None for one that it did not have; None
    for all where nothing is known of that.

    image: uint8 (N, H, W, C), as the run sees them. digests: of the contents of their files, None
    of an array's.
    """
    learned = run.directory.learned()
    if learned is None:
        return None
    known = enumerate(digests)
    return [learned.split_of(content_of(image[row].numpy(), each)) for row, each in known]


def sides_by(learned: Learned) -> Sides:
    """Which split of a training images were in, for a division that goes on from it."""
    return lambda images, digests: [learned.split_of(each) for each in contents(images, digests)]


def content_of(pixels: np.ndarray[Any, Any], digest: str | None) -> str:
    """What an image is known by: the digest of its file, else that of its pixels, uint8 (H, W, C);
    imports no torch."""
    return digest or array_digest(pixels[None])
