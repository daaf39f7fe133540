"""What config.json of a classifier says, in addition to that of every job."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from handloom.encoders.records import EncoderSizes
from handloom.jobs.images.records import ImageSetRecord

ScratchKind = Literal["resnet", "resnet18", "cnn", "lenet", "mlp"]


class ScratchSizes(TypedDict):
    """A network whose weights began at random: the arguments of its constructor in `models/image`.

    size: [H, W, C]. mean, std: of each channel of the training images, in [0, 1].
    """

    kind: ScratchKind
    size: list[int]
    classes: int
    mean: NotRequired[list[float]]
    std: NotRequired[list[float]]
    width: NotRequired[int]
    hflip_tta: NotRequired[bool]
    logit_scale: NotRequired[float]
    shift_tta: NotRequired[int]
    norm_first: NotRequired[bool]


class TransferredSizes(EncoderSizes):
    """A pretrained encoder with a head: see `models.image.transferred.Transferred`."""

    kind: Literal["transferred"]
    classes: int
    hflip_tta: bool


NetworkSizes = ScratchSizes | TransferredSizes


class MirroredRecord(TypedDict):
    """See `jobs.classifier.mirror.Mirrored`. keep_class: None where the images do not tell."""

    images: int
    recognized: float
    mirrored: float
    among_mirrored: float
    commonest: float
    keep_class: bool | None


class DataRecord(ImageSetRecord):
    """The part of config.json on the data. groups: of images that belong together or stand alone,
    how many of each split, where some belong together. mirrored: of a network that may learn from
    mirrored images, where the images tell whether it should."""

    groups: NotRequired[dict[str, int]]
    mirrored: NotRequired[MirroredRecord]


class Record(DataRecord):
    """config.json of a classifier, with "encoder" of a pretrained network."""

    network: NetworkSizes
