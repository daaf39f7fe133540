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
        None, "tutorial: Gatys' method as the classic tutorial has it, slow"
    )
    strength: float | None = option(
        None, "0.5 keeps the photo recognisable, 1 paints all over it, 0 leaves the photo", 0, 1
    )
    size: int | None = option(None, "short side of the result in pixels", 1, 16384)
    iterations: int | None = option(
        None,
        "evaluations at the final size; smaller sizes get half as many again",
        1,
        synonyms=("steps", "epochs"),
    )
    scales: int | None = option(
        None, "how many sizes, each half the next; 1: the final size only", 1, 8
    )
    network: Literal["auto", "vgg19", "vgg19-small", "random"] = option(
        "auto", "feature network: VGG-19, its 16 times compressed form, or random filters (texture)"
    )
    weights: str | None = option(None, "file of the network's weights, .pth or .safetensors")
    optimizer: Literal["auto", "lbfgs", "adam"] | None = option(
        None, "auto is lbfgs, and adam at sizes where --memory leaves no room for lbfgs"
    )
    lr: float | None = option(None, "of adam, in standard deviations (0.22) of a pixel", 0)
    history: int | None = option(None, "steps that lbfgs remembers", 1, 100)
    pooling: Literal["average", "max"] | None = option(None, "average is smoother")
    style_weight: float | None = option(None, "of the painting, content being 1", 0)
    content_weight: float = option(1.0, "of the photo's features", 0)
    structure: float | None = option(None, "weight of the photo's edges, in light and dark", 0)
    smoothness: float | None = option(None, "weight of small steps between neighbours", 0)
    style_weights: str | None = option(None, "one number a painting, as 0.7,0.3; equal by default")
    style_scale: float = option(
        1.0, "short side of the paintings, relative to that of the result", 0.05, 8
    )
    masks: str | None = option(
        None, "white where a painting goes: one image for each, as sky.png,ground.png"
    )
    keep_colors: bool = option(False, "the photo's own colours, as --colors luminance")
    colors: Literal["painting", "luminance", "histogram"] | None = option(
        None,
        "luminance: the photo's colours, only light and dark change; "
        "histogram: the painting's colours are moved to the photo's",
    )
    start: str = option("photo", "photo, noise, or the path of an image")
    memory: str | None = option(None, "most memory of the whole process, as 2G or 800M")
    memory_in_use: int | None = option(None, "bytes the process held before the plan; measured", 0)
    tile: int | None = option(None, "side of tiles in pixels, margin included", 64)
    margin: int | None = option(None, "pixels around a tile that are computed too", 0, 512)
    frame_every: int | None = option(None, "iterations between frames", 1)


NOT_TYPED = ("paintings", "out", "frames", "memory_in_use")
"""Options that are no flags of their own: inputs of the command, and what is measured."""
