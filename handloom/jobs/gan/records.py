"""What config.json and evaluation.json of a GAN say, in addition to those of its kind."""

from __future__ import annotations

from typing import TypedDict

from handloom.jobs.generation.records import GenerationRecord, NetworkSizes
from handloom.runs.records import Evaluated


class RealImages(TypedDict):
    """reference: which images generated ones are compared with, in words. real: how many of them;
    shares: of the classes among them, empty without classes."""

    reference: str
    real: int
    shares: list[float]


class FeatureNetworkSizes(TypedDict, total=False):
    """A ResNet that is trained here, or a pretrained network with the file of its weights."""

    kind: str
    size: list[int]
    classes: int
    width: int
    weights: str


class FeatureNetwork(TypedDict):
    """features: F, numbers of a feature vector. classes: that it names, empty of one that names
    none. of: what it is, in words."""

    network: FeatureNetworkSizes
    features: int
    classes: list[str]
    of: str


class EvaluatorRecord(RealImages, FeatureNetwork):
    """ "evaluator" in config.json. size: [H, W, C] of the images. unseen: real images that choose
    no epoch, None where there are none. training: images that are searched for copies, of the
    `trained` ones."""

    size: list[int]
    unseen: RealImages | None
    training: int
    trained: int


class Record(GenerationRecord):
    """config.json of a GAN."""

    discriminator: NetworkSizes
    loss: str
    evaluator: EvaluatorRecord
    protocol: str


class Floor(TypedDict):
    """What `images` training images have in place of generated ones: no generator that is right has
    less, but by chance."""

    images: int
    kernel_distance: float
    frechet_distance: float


class Evaluation(Evaluated, total=False):
    """evaluation.json of a GAN: see `jobs.gan.verbs.evaluate`, and of the distances
    `jobs.gan.evaluator.Evaluator.metrics`."""

    reference: str
    images: int
    real: int
    kernel_distance: float
    kernel_distance_standard_error: float
    frechet_distance: float
    floor: Floor
    diversity: float
    nearest: float
    nearest_pixels: float
    protocol: str
    shares: dict[str, float]
    class_accuracy: float
