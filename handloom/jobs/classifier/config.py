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
        "resnet", "resnet is small and modern; cnn, lenet and mlp are the classic tutorials'"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's training to the letter (mlp, cnn, lenet)"
    )
    size: int | None = option(None, "side in pixels that images are scaled to", 4, 1024)
    validation: float | None = option(
        None, "share of the training images kept for validation, at most 5,000 by default", 0, 0.9
    )
    optimizer: Literal["sgd", "adamw"] | None = option(None, "sgd has momentum 0.9 and Nesterov's")
    momentum: float | None = option(None, "of sgd", 0, 0.9999)
    schedule: Literal["constant", "cosine", "one-cycle"] | None = option(
        None, "of the learning rate over the epochs"
    )
    label_smoothing: float | None = option(
        None, "share of the target spread over all classes", 0, 0.9
    )
    class_weights: Literal["none", "balanced"] = option("none", BALANCED)
    ema_decay: float | None = option(
        None, "decay of the weights' moving average, which is kept; 0: none", 0, 0.9999
    )
    translate: int | None = option(None, "augmentation: pixels an image is moved, at most", 0)
    hflip: bool | None = option(None, "augmentation: left and right swapped; not for digits")
    rotate: float | None = option(None, "augmentation: degrees an image is turned, at most", 0, 180)
    scale: float | None = option(None, "augmentation: share an image is enlarged or shrunk", 0, 0.9)
    cutout: int | None = option(None, "augmentation: side in pixels of a square painted over", 0)
