"""Options of `train simclr`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.images.data import ImageDataOptions
from handloom.jobs.options import ResolvedTraining, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig, ImageDataOptions):
    """Options of `train simclr`."""

    network: str = option(
        "auto",
        "auto: resnet, which is small, on a CPU and resnet18 on a GPU; or timm:NAME or "
        "torchvision:NAME, whose published weights learn on",
    )
    weights: str | None = option(
        None, "file with the weights of the encoder, instead of the published ones", is_path=True
    )
    width: int | None = option(
        None, "channels of the first stage of resnet or resnet18, a multiple of 8", 8, 512
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: a ResNet-18 at 64 pixels, AdamW at 0.001, temperature 0.1"
    )
    labels: bool = option(
        False,
        "learn from classes too: images of one class belong together, not only views of an image",
    )
    loss: Literal["nt-xent", "pairwise", "triplet"] = option(
        "nt-xent",
        "nt-xent: softmax over the batch, with --labels the supervised contrastive loss; "
        "pairwise: distances of pairs, with a margin; triplet: anchor, positive and negative",
    )
    temperature: float | None = option(None, "of nt-xent; by default 0.5", 1e-3, 10)
    margin: float | None = option(
        None, "of pairwise, by default 1, or triplet, by default 0.2; distances reach 2", 1e-3, 4
    )
    projection: int | None = option(None, "numbers of the embedding that is compared", 2, 4096)
    size: int | None = option(None, "side in pixels to which images are resized", 8, 512)
    validation: float | None = option(
        None, "share of the training images held out; by default 0.1", 0, 0.9
    )
    optimizer: Literal["sgd", "adamw"] | None = option(None, "sgd uses Nesterov momentum")
    momentum: float | None = option(None, "momentum of sgd", 0, 0.9999)
    schedule: Literal["constant", "cosine"] | None = option(None, "schedule of the learning rate")
    crop: float | None = option(
        None, "views: smallest share of an image that a random crop keeps", 0.01, 1
    )
    hflip: bool | None = option(None, "views: horizontal flips; not for digits or letters")
    rotate: float | None = option(None, "views: largest rotation, in degrees", 0, 180)
    color: float | None = option(
        None, "views: strength of the colour distortion, of grey images brightness and contrast",
        0, 1.25,
    )  # fmt: skip
    blur: float | None = option(None, "views: share that is blurred", 0, 1)
    noise: float | None = option(None, "views: standard deviation of noise on every pixel", 0, 1)


@dataclass(frozen=True, kw_only=True)
class Resolved(ResolvedTraining, Config):
    """Config with every option chosen; temperature and margin are None where the loss has none."""

    projection: int
    optimizer: Literal["sgd", "adamw"]
    momentum: float
    weight_decay: float
    schedule: Literal["constant", "cosine"]
    crop: float
    hflip: bool
    rotate: float
    color: float
    blur: float
    noise: float
