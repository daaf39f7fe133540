"""Options of `train clip`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.images.data import ImageDataOptions
from handloom.jobs.options import ResolvedTraining, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig, ImageDataOptions):
    """Options of `train clip`."""

    network: str = option(
        "auto",
        "of the images: auto: a pretrained encoder for photos, resnet for small or grey images; "
        "timm:NAME, torchvision:NAME, or a run; resnet: from scratch",
        is_path=True,
    )
    weights: str | None = option(
        None, "file with the weights of the encoder, instead of the published ones", is_path=True
    )
    tune: Literal["head", "all"] | None = option(
        None,
        "head: a pretrained encoder stays as it is, and a layer on it learns; all: it learns too",
    )
    size: int | None = option(None, "side in pixels to which images are resized", 16, 1024)
    text: Literal["bag", "transformer"] | None = option(
        None, "network of the texts: bag: the mean of word vectors; transformer: their order too"
    )
    width: int | None = option(None, "numbers of a vector of an image or a text", 8, 2048)
    hidden: int | None = option(None, "width of the network of the texts", 8, 2048)
    layers: int | None = option(None, "layers of the transformer", 1, 12)
    dropout: float | None = option(None, "share of features and words dropped", 0, 0.9)
    text_column: str | None = option(None, "column of a table that holds the captions")
    template: str | None = option(
        None,
        "captions made of class names, {} for the name, several parted by |, as in "
        "'a photo of a {}|{}'",
    )
    vocab_size: int | None = option(None, "largest vocabulary; the most frequent words are kept", 1)
    max_length: int | None = option(
        None, "words that are read of a caption, the first ones", 1, 512
    )
    validation: float | None = option(
        None, "share of the training images held out; by default 0.2, at most 5,000 images", 0, 0.9
    )
    schedule: Literal["constant", "cosine", "one-cycle"] | None = option(
        None, "schedule of the learning rate"
    )
    hflip: bool | None = option(None, "augmentation: horizontal flips; not for digits or letters")
    translate: int | None = option(None, "augmentation: largest translation, in pixels", 0)
    crop: float | None = option(
        None, "augmentation: smallest share of an image that random crops keep; 1: none", 0.01, 1
    )
    color: float | None = option(
        None, "augmentation: largest change of brightness, contrast and saturation", 0, 0.9
    )


@dataclass(frozen=True, kw_only=True)
class Resolved(ResolvedTraining, Config):
    """Config with every option chosen."""

    tune: Literal["head", "all"]
    weight_decay: float
    text: Literal["bag", "transformer"]
    width: int
    hidden: int
    layers: int
    dropout: float
    schedule: Literal["constant", "cosine", "one-cycle"]
    hflip: bool
    translate: int
    crop: float
    color: float
