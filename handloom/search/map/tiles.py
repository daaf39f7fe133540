"""Thumbnails of the images of a map: squares of one size, in one large image."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

TILE = 48  # pixels
MISSING = 224  # grey of an image that can no longer be read

Tiles = np.ndarray[Any, np.dtype[np.uint8]]


def tiles(paths: Sequence[Path]) -> Tiles:
    """uint8 (N, 48, 48, 3), each image whole on white; grey where it cannot be read."""
    from handloom.data.images.chunks import whole_batches
    from handloom.data.images.decode import Treatment

    made = np.full((len(paths), TILE, TILE, 3), MISSING, np.uint8)
    treatment = Treatment(TILE, TILE, 3, "pad", "white")
    for portion in whole_batches(paths, treatment, 1):
        made[portion.rows] = portion.images
    return made


def atlas(made: Tiles) -> "tuple[Image.Image, int]":
    """All tiles in one image, row by row, and how many there are in a row."""
    from PIL import Image

    across = max(1, int(np.ceil(len(made) ** 0.5)))
    down = -(-len(made) // across)
    whole = np.full((down * across, TILE, TILE, 3), 255, np.uint8)
    whole[: len(made)] = made
    rows = whole.reshape(down, across, TILE, TILE, 3).transpose(0, 2, 1, 3, 4)
    return Image.fromarray(rows.reshape(down * TILE, across * TILE, 3)), across


def jpeg(image: "Image.Image", quality: int = 80) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
