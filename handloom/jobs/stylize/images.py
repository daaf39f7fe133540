"""The images that `stylize` is given, opened and checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.data.io.names import absent
from handloom.errors import UserError
from handloom.jobs.stylize.config import Config

if TYPE_CHECKING:
    from handloom.data.images.photo import Opened


@dataclass(frozen=True)
class StyleImages:
    """Photo, paintings, masks and start image; notes are for the user."""

    photo: Opened
    paintings: list[Opened]
    masks: list[Opened]
    start: Opened | None
    notes: list[str]
    digest: str


def open_images(config: Config, photo: Path) -> StyleImages:
    """Open every image; a UserError for what is missing, broken or does not fit together."""
    from handloom.data.images.photo import Opened

    if not config.paintings:
        raise UserError("no painting was given: name one or more after the photo")
    paintings, masks = [Path(name) for name in config.paintings], mask_paths(config)
    if masks and len(masks) not in (len(paintings), len(paintings) - 1):
        raise UserError(
            f"{len(masks)} masks were given for {len(paintings)} paintings: give one for each, or "
            "one fewer, so that the last painting takes the rest"
        )
    shares(config)
    start = None if config.start in ("photo", "noise") else Path(config.start)
    for path in (photo, *paintings, *masks, *([start] if start else [])):
        if not path.exists():
            raise absent(path, "give an image file")
    opened = {
        path: Opened(path) for path in [photo, *paintings, *masks, *([start] if start else [])]
    }
    digest = hashlib.blake2b(digest_size=16)
    for path in opened:
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    shown = dict.fromkeys([photo, *paintings])
    return StyleImages(
        opened[photo],
        [opened[path] for path in paintings],
        [opened[path] for path in masks],
        opened[start] if start else None,
        [note for path in shown for note in opened[path].notes],
        digest.hexdigest(),
    )


def mask_paths(config: Config) -> list[Path]:
    """The files of --masks."""
    return [Path(name) for name in (config.masks or "").split(",") if name]


def shares(config: Config) -> list[float]:
    """Weight of each painting, with sum 1."""
    count = len(config.paintings)
    if config.style_weights is None:
        return [1 / count] * count
    try:
        weights = [float(part) for part in config.style_weights.split(",")]
    except ValueError:
        raise UserError(
            f"--style-weights {config.style_weights}: give one number for each painting, as 0.7,0.3"
        ) from None
    if len(weights) != count or min(weights) < 0 or not 0 < sum(weights) < float("inf"):
        raise UserError(
            f"--style-weights {config.style_weights}: {count} paintings need {count} "
            "numbers, none below 0 and not all 0"
        )
    return [weight / sum(weights) for weight in weights]
