"""Options of `train filter`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.options import CommonConfig
from handloom.runs.records import Options


@dataclass(frozen=True, kw_only=True)
class Config(CommonConfig):
    """Options of `train filter`; every epoch is one step, over the whole image."""

    target: str | None = option(
        None, "what the image is to become: an image, .npy or .csv", is_path=True
    )
    kernel_size: str | None = option(
        None, "rows x columns, as in 1x2; by default 3x3, or what the sizes ask for"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: a 1x2 kernel, summed squares, sgd with lr 0.03, 10 epochs"
    )
    bias: bool = option(False, "add a constant as well, as where grey stands for 0")
    mix_channels: bool | None = option(
        None, "a kernel from every colour to every colour, instead of one for all"
    )
    cut_off: Literal["drop", "keep"] | None = option(
        None, "drop: black and white pixels of the target, which 8 bits may have cut off"
    )
    start: str | None = option(
        None, "kernel to begin with, as 'filter' takes it with --kernel; by default random"
    )
    optimizer: Literal["lbfgs", "sgd"] | None = option(None, "lbfgs is much faster")
    lr: float | None = option(None, "learning rate; of sgd by default 1 / largest curvature", 0)
    reduction: Literal["mean", "sum"] | None = option(None, "of squared errors to a loss")
    epochs: int | None = option(None, "steps, each over the whole image", 1)


@dataclass(frozen=True, kw_only=True)
class Resolved(Config):
    """Config with every option chosen."""

    kernel_size: str
    mix_channels: bool
    cut_off: Literal["drop", "keep"]
    optimizer: Literal["lbfgs", "sgd"]
    lr: float
    reduction: Literal["mean", "sum"]
    epochs: int


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Options of `evaluate`."""

    target: str | None = option(None, "what the other image is to become", is_path=True)


TUTORIAL: Options = dict(kernel_size="1x2", optimizer="sgd", lr=0.03, reduction="sum", epochs=10)
"""Zhang et al., "Dive into Deep Learning", section 7.2.4 (d2l.ai, "Learning a Kernel")."""
