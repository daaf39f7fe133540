"""What config.json of a run on images says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from handloom.runs.records import RunConfig

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet
    from handloom.data.images.reading import Preprocessing


class ImageRecord(RunConfig):
    """config.json of a run whose networks see images, prepared by `preprocessing`.

    images: how many of each split there are.
    """

    preprocessing: Preprocessing
    images: dict[str, int]


class ImageSetRecord(ImageRecord):
    """config.json of a run on a set of images. classes: their names, none without labels."""

    classes: list[str]


class LentSizes(TypedDict):
    """What is known of a network of images, whatever the job. size: [H, W, C]. encoder: its name,
    of a pretrained one."""

    kind: str
    size: list[int]
    width: NotRequired[int]
    norm_first: NotRequired[bool]
    encoder: NotRequired[str]


class LentRecord(RunConfig):
    """config.json of a run with whose network of images a training of another job begins: see
    `Job.image_network`."""

    network: LentSizes


def image_set_record(data: DataSet) -> ImageSetRecord:
    """The part of config.json on the data."""
    return {
        "classes": list(data.train.classes),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in data.splits.items()},
    }
