"""Options of `train classifier`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.image_data import ImageDataOptions
from handloom.jobs.options import BALANCED, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig, ImageDataOptions):
    """Options of `train classifier`."""

    network: Literal["resnet", "cnn", "lenet", "mlp"] = option(
        "resnet", "resnet is small and modern; cnn, lenet and mlp are those of the tutorials"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's training, to the letter (mlp, cnn, lenet)"
    )
    size: int | None = option(None, "side in pixels to which images are resized", 4, 1024)
    validation: float | None = option(
        None, "share of the training images held out; by default 0.2, at most 5,000 images", 0, 0.9
    )
    optimizer: Literal["sgd", "adamw"] | None = option(None, "sgd uses Nesterov momentum")
    momentum: float | None = option(None, "momentum of sgd", 0, 0.9999)
    schedule: Literal["constant", "cosine", "one-cycle"] | None = option(
        None, "schedule of the learning rate"
    )
    label_smoothing: float | None = option(
        None, "share of the target that is spread over all classes", 0, 0.9
    )
    class_weights: Literal["none", "balanced"] = option("none", BALANCED)
    ema_decay: float | None = option(
        None, "decay of the EMA of the weights, which is what is saved; 0: no EMA", 0, 0.9999
    )
    translate: int | None = option(None, "augmentation: largest translation, in pixels", 0)
    hflip: bool | None = option(None, "augmentation: horizontal flips; not for digits or letters")
    rotate: float | None = option(None, "augmentation: largest rotation, in degrees", 0, 180)
    scale: float | None = option(None, "augmentation: largest change of scale, as a share", 0, 0.9)
    cutout: int | None = option(None, "augmentation: side of a square that is masked, in pixels", 0)
