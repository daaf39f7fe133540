"""The verbs of runs that generate images, and their options."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handloom.config import SEED, option
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.job import Lazy, Verb

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
COUNT, MOST_IMAGES = 64, 10_000
MOST_FRAMES = 500  # per leg of a walk


@dataclass(frozen=True, kw_only=True)
class LabelOptions(ImageReadingOptions):
    """Options of `encode` and `reconstruct`."""

    label: str | None = option(None, "class of the image, for a conditional run", flag="class")


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """Options of `sample`."""

    count: int | None = option(None, f"images to generate; {COUNT} by default", 1, MOST_IMAGES)
    label: str | None = option(
        None, "class to generate, for a conditional run; by default every class", flag="class"
    )
    truncation: float | None = option(
        None, "scale of the latents; smaller: more typical, less diverse images", 1e-12, 1
    )
    latent: str | None = option(None, "decode this latent: numbers separated by commas")
    seed: int = option(0, "same seed, same images", *SEED)


@dataclass(frozen=True, kw_only=True)
class InterpolateOptions:
    """Options of `interpolate`."""

    frames: int | None = option(
        None,
        "frames between two ends; by default 24 in an animation, 9 in an image",
        1,
        MOST_FRAMES,
    )
    label: str | None = option(None, "class of the image, for a conditional run", flag="class")


PLACE = "handloom.jobs.generation.verbs"
SAMPLE = Verb(Lazy(f"{PLACE}:sample"), SampleOptions, IMAGE_SUFFIXES, many_files=True)
BETWEEN_SEEDS = Verb(
    Lazy(f"{PLACE}:interpolate"), InterpolateOptions, (".gif", *IMAGE_SUFFIXES), takes="seed"
)
OF_AN_ENCODER = {
    "sample": SAMPLE,
    "encode": Verb(Lazy(f"{PLACE}:encode"), LabelOptions, (".csv",), takes="image"),
    "reconstruct": Verb(Lazy(f"{PLACE}:reconstruct"), LabelOptions, IMAGE_SUFFIXES, takes="image"),
    "interpolate": replace(BETWEEN_SEEDS, takes="image"),
}
"""Verbs of runs that have an encoder beside what makes images."""
