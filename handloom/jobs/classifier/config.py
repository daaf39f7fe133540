"""Options of `train classifier`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.classification.corrections import CorrectionOptions
from handloom.jobs.images.data import ImageDataOptions
from handloom.jobs.options import BALANCED, ResolvedTraining, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig, ImageDataOptions, CorrectionOptions):
    """Options of `train classifier`."""

    network: str = option(
        "auto",
        "auto: a pretrained encoder for photos, resnet for small or grey images; timm:NAME or "
        "torchvision:NAME; from scratch: resnet, resnet18, cnn, lenet, mlp (the last three the "
        "tutorials')",
    )
    weights: str | None = option(
        None,
        "file with the weights of the encoder, instead of the published ones",
        is_path=True,
    )
    tune: Literal["head", "all"] | None = option(
        None,
        "head (default): only a linear head is trained on a pretrained network; "
        "all: then the layers above those that --frozen leaves, where that is better",
    )
    width: int | None = option(
        None, "channels of the first stage of resnet or resnet18, a multiple of 8", 8, 512
    )
    norm_first: bool | None = option(
        None,
        "whether a stage of resnet is normalised before its activation; by default where there are "
        "10,000 and more images in colour",
        absent=False,
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's training, to the letter (mlp, cnn, lenet)"
    )
    size: int | None = option(None, "side in pixels to which images are resized", 4, 1024)
    validation: float | None = option(
        None, "share of the training images held out; by default 0.2, at most 5,000 images", 0, 0.9
    )
    strength: float | None = option(
        None, "C of the logistic regression on an encoder; chosen by default", 1e-6, 1e6
    )
    optimizer: Literal["sgd", "adamw"] | None = option(None, "sgd uses Nesterov momentum")
    momentum: float | None = option(None, "momentum of sgd", 0, 0.9999)
    schedule: Literal["constant", "cosine", "one-cycle"] | None = option(
        None, "schedule of the learning rate"
    )
    layer_decay: float | None = option(
        None,
        "learning rate of a pretrained network's lowest layer that is tuned, as a share of the "
        "head's",
        1e-6,
        1,
    )
    frozen: float | None = option(
        None,
        "share of a pretrained network's weights, from the lowest layer up, that tuning leaves as "
        "they are",
        0,
        0.99,
    )
    tune_size: int | None = option(
        None, "side in pixels of the images while a pretrained network is tuned", 16, 1024
    )
    tuned_share: float | None = option(
        None,
        "what is kept lies this share of the way from a pretrained network's own weights to the "
        "tuned ones; 1: these alone",
        0.01,
        1,
    )
    label_smoothing: float | None = option(
        None, "share of the target that is spread over all classes", 0, 0.9
    )
    class_weights: Literal["none", "balanced"] | None = option(
        None,
        f"{BALANCED}; for a head on an encoder chosen by folds where classes are unequal",
        absent="none",
    )
    sampler: Literal["shuffled", "balanced"] | None = option(
        None,
        "balanced: every class is drawn equally often, by chance and with repetition",
        absent="shuffled",
    )
    ema_decay: float | None = option(
        None, "decay of the EMA of the weights, which is what is saved; 0: no EMA", 0, 0.9999
    )
    translate: int | None = option(None, "augmentation: largest translation, in pixels", 0)
    hflip: bool | None = option(
        None,
        "augmentation: horizontal flips; by default where mirrored images keep their class, which "
        "the training images tell",
    )
    rotate: float | None = option(None, "augmentation: largest rotation, in degrees", 0, 180)
    scale: float | None = option(None, "augmentation: largest change of scale, as a share", 0, 0.9)
    cutout: int | None = option(None, "augmentation: side of a square that is masked, in pixels", 0)
    crop: float | None = option(
        None,
        "augmentation: smallest share of an image that random crops keep, of the whole photo where "
        "a pretrained network is tuned; 1: none",
        0.01,
        1,
        absent=1.0,
    )
    color: float | None = option(
        None,
        "augmentation: largest change of brightness, contrast and saturation",
        0,
        0.9,
        absent=0.0,
    )
    mixup: float | None = option(
        None,
        "augmentation: alpha of mixup, which mixes pairs of images; 0: none",
        0,
        10,
        absent=0.0,
    )
    erase: float | None = option(
        None,
        "augmentation: share of the images of which a rectangle becomes noise",
        0,
        1,
        absent=0.0,
    )
    rand_augment: int | None = option(
        None,
        "augmentation: RandAugment's operations for each image; 0: none",
        0,
        14,
        absent=0,
    )
    magnitude: float | None = option(
        None,
        "augmentation: strength of RandAugment's operations; 10 is the strongest",
        0,
        10,
        absent=5.0,
    )


@dataclass(frozen=True, kw_only=True)
class Resolved(ResolvedTraining, Config):
    """Config with every option chosen.

    What belongs to the other kind of network, pretrained or not, is None.
    """

    optimizer: Literal["sgd", "adamw"]
    momentum: float
    weight_decay: float
    schedule: Literal["constant", "cosine", "one-cycle"]
    class_weights: Literal["none", "balanced"]
    sampler: Literal["shuffled", "balanced"]
    label_smoothing: float
    ema_decay: float
    norm_first: bool
    translate: int
    hflip: bool
    rotate: float
    scale: float
    cutout: int
    crop: float
    color: float
    mixup: float
    erase: float
    rand_augment: int
    magnitude: float
