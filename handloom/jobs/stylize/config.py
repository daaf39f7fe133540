"""Options of style transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.options import CommonConfig


@dataclass(frozen=True, kw_only=True)
class Config(CommonConfig):
    """Options of `stylize`; paintings, out and frames are given by their place or own flags."""

    paintings: tuple[str, ...] = option((), "files of the paintings")
    out: str = option("", "file of the result: .jpg, .png, .webp or .tif")
    frames: str | None = option(None, "also write an animation of all steps, .gif or .mp4")
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: Gatys' method as in the classic tutorial; slow"
    )
    strength: float | None = option(
        None, "0 leaves the photo as it is, 0.5 keeps it recognisable, 1 paints all over it", 0, 1
    )
    size: int | None = option(None, "short side of the result in pixels", 1, 16384)
    iterations: int | None = option(
        None,
        "evaluations at the final size; each smaller size has 1.5 times as many",
        1,
        synonyms=("steps", "epochs"),
    )
    scales: int | None = option(
        None, "number of sizes, each half of the next; 1: the final size only", 1, 8
    )
    network: Literal["auto", "vgg19", "vgg19-small", "random"] = option(
        "auto", "feature network: VGG-19, VGG-19 compressed 16 times, or random filters (texture)"
    )
    weights: str | None = option(None, "file of the network's weights, .pth or .safetensors")
    optimizer: Literal["auto", "lbfgs", "adam"] | None = option(
        None, "auto is lbfgs, or adam at sizes where --memory has no room for lbfgs"
    )
    lr: float | None = option(
        None, "learning rate of adam, in standard deviations of a pixel (0.22)", 0
    )
    history: int | None = option(None, "steps that lbfgs remembers", 1, 100)
    pooling: Literal["average", "max"] | None = option(
        None, "pooling of the feature network; average is smoother"
    )
    style_weight: float | None = option(
        None, "weight of the painting's style, relative to a content weight of 1", 0
    )
    content_weight: float = option(1.0, "weight of the photo's content", 0)
    structure: float | None = option(None, "weight of the photo's edges in lightness", 0)
    smoothness: float | None = option(None, "weight of smoothness between neighbouring pixels", 0)
    style_weights: str | None = option(
        None, "weight of each painting, as 0.7,0.3; equal by default"
    )
    style_scale: float = option(
        1.0, "short side of the paintings, relative to that of the result", 0.05, 8
    )
    masks: str | None = option(
        None, "an image for each painting, white where it goes, as sky.png,ground.png"
    )
    keep_colors: bool = option(False, "keep the photo's colours: --colors luminance")
    colors: Literal["painting", "luminance", "histogram"] | None = option(
        None,
        "luminance: keep the photo's colours, change only lightness; "
        "histogram: move the painting's colours to the photo's",
    )
    start: str = option("photo", "what to start from: photo, noise, or the path of an image")
    memory: str | None = option(None, "memory limit of the whole process, as 2G or 800M")
    memory_in_use: int | None = option(None, "bytes the process held before the plan; measured", 0)
    tile: int | None = option(None, "side of a tile in pixels, margin included", 64)
    margin: int | None = option(None, "pixels that are computed around each tile", 0, 512)
    frame_every: int | None = option(None, "iterations between frames", 1)


NOT_TYPED = ("paintings", "out", "frames", "memory_in_use")
"""Options that are not flags: inputs of the command, and what is measured."""
