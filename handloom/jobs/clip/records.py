"""What config.json and evaluation.json of a CLIP run say, in addition to those of every job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from handloom.encoders.records import EncoderSizes
from handloom.runs.records import Evaluated, RunConfig, WeightsRecord

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing


class ScratchImageSizes(TypedDict):
    """A ResNet whose weights began at random. size: [H, W, C]."""

    kind: Literal["resnet"]
    size: list[int]
    width: int
    mean: list[float]
    std: list[float]


class PretrainedImageSizes(EncoderSizes):
    """A pretrained encoder."""

    kind: Literal["encoder"]


class RunSizes(TypedDict):
    """The encoder of another run, with what its config.json says of its networks."""

    kind: Literal["run"]
    run: str
    config: RunConfig


ImageSizes = ScratchImageSizes | PretrainedImageSizes | RunSizes


class NetworkSizes(TypedDict):
    """Both networks. features: of the network of images. width: numbers of a vector of either.
    vocabulary to dropout: of the network of texts, `text`."""

    image: ImageSizes
    features: int
    text: Literal["bag", "transformer"]
    vocabulary: int
    hidden: int
    layers: int
    max_length: int
    width: int
    dropout: float


class ClassWords(RunConfig, total=False):
    """The part of config.json on class folders. templates: sentences that names of classes stand
    in."""

    templates: list[str]


class Record(ClassWords):
    """config.json of a CLIP run.

    encoder: None of a network from scratch. tokenizer: as the library `tokenizers` writes one.
    """

    network: NetworkSizes
    encoder: WeightsRecord | None
    preprocessing: Preprocessing
    images: dict[str, int]
    tokenizer: dict[str, Any]
    units: str
    captions: int


class Evaluation(Evaluated, total=False):
    """evaluation.json of a CLIP run. Recall, image_to_text_K and text_to_image_K: the share, in
    [0, 1], that has what belongs to it among the K nearest; those K that are fewer than all."""

    images: int
    captions: int
    image_to_text_1: float
    image_to_text_5: float
    image_to_text_10: float
    text_to_image_1: float
    text_to_image_5: float
    text_to_image_10: float
    recall: float
    accuracy: float
