"""Options of the verbs of runs that generate images."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.config import SEED, option

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
MOST_IMAGES = 10_000
MOST_FRAMES = 500  # of one leg of a walk


@dataclass(frozen=True, kw_only=True)
class LabelOptions:
    """Options of `encode` and `reconstruct`."""

    label: str | None = option(None, "the class, of a conditional run", flag="class")


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """Options of `sample`."""

    count: int = option(64, "images to generate", 1, MOST_IMAGES)
    label: str | None = option(
        None, "the class to generate, of a conditional run; all in turn by default", flag="class"
    )
    truncation: float = option(
        1.0, "above 0, up to 1: smaller is likelier and more alike", 1e-12, 1
    )
    latent: str | None = option(
        None, "decode this latent instead: numbers with commas between them"
    )
    seed: int = option(0, "same seed, same images", *SEED)


@dataclass(frozen=True, kw_only=True)
class InterpolateOptions:
    """Options of `interpolate`."""

    frames: int | None = option(
        None, "steps of each leg; 24 in an animation, 9 in an image by default", 1, MOST_FRAMES
    )
    label: str | None = option(None, "the class, of a conditional run", flag="class")
