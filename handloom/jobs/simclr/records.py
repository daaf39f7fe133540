"""What config.json and evaluation.json of a SimCLR run say, in addition to those of every job."""

from __future__ import annotations

from typing import Literal, TypedDict

from handloom.encoders.records import EncoderSizes
from handloom.jobs.images.records import ImageSetRecord
from handloom.runs.records import Evaluated

ResNetKind = Literal["resnet", "resnet18"]


class ProjectedScratch(TypedDict):
    """A network whose weights began at random. size: [H, W, C]. projection: numbers of an
    embedding. mean, std: of each channel of the training images, in [0, 1]."""

    projection: int
    kind: ResNetKind
    size: list[int]
    width: int
    mean: list[float]
    std: list[float]


class ProjectedEncoder(EncoderSizes):
    """A pretrained encoder with a projection."""

    projection: int
    kind: Literal["transferred"]


class Record(ImageSetRecord):
    """config.json of a SimCLR run."""

    network: ProjectedScratch | ProjectedEncoder


class Evaluation(Evaluated, total=False):
    """evaluation.json of a SimCLR run: see `jobs.simclr.verbs.evaluate`. What labels say of the
    vectors are shares in [0, 1]; neighbors: how many images are compared with."""

    images: int
    alignment: float
    uniformity: float
    knn: float
    knn_pixels: float
    neighbors: int
    linear_probe: float
