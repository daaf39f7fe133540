"""Images of more than 8 bits a channel: which values become black and white, once for a set."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

FULL = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)  # floats; 8, 10, 12, 14 and 16 bits
DARK, LIGHT = 0.05, 99.95  # percentiles; a hot pixel decides nothing
USED = 0.5  # of a full range, from which on that range is kept as it is
DeepValues = np.ndarray[Any, Any]


def is_deep(mode: str) -> bool:
    """Whether images of one of Pillow's modes, or of `stored_mode`, have more than 8 bits a
    channel."""
    return mode.startswith("I") or mode == "F" or mode.endswith(";16")


def to_8_bits(
    values: DeepValues, mode: str, levels: tuple[float, float] | None
) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Values of any shape as uint8: `levels` become 0 and 255, what is beyond them is clipped.

    Without levels, of an image by itself, integers are taken for 16 bits and floats for 0 to 1.
    """
    low, high = levels or (0.0, 1.0 if mode == "F" else 65535.0)
    scaled = (np.nan_to_num(values.astype(np.float32)) - low) * (255 / max(high - low, 1e-12))
    pixels: np.ndarray[Any, np.dtype[np.uint8]] = np.clip(scaled + 0.5, 0, 255).astype(np.uint8)
    return pixels


def spread(values: DeepValues) -> tuple[float, float]:
    """The darkest and the lightest value of an image, but for 0.05 % at either end."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values.reshape(-1)
    if not finite.size:
        return 0.0, 0.0
    dark = np.percentile(finite, DARK, method="higher")  # at least a pixel is left aside
    light = np.percentile(finite, LIGHT, method="lower")
    return float(dark), float(light)


def levels_of(spreads: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The levels of a set from the `spread` of its images.

    The range of 8, 10, 12, 14 or 16 bits (or 0 to 1) that holds all values, where half of it is
    used; else the values there are, since 12-bit values of 1000 to 1250 would all be one grey.
    """
    pairs = list(spreads)
    low, high = min(dark for dark, _ in pairs), max(light for _, light in pairs)
    full = next((top for top in FULL if high <= top), high)
    if low >= 0 and high - low >= USED * full:
        return 0.0, full
    return (low, high) if high > low else (0.0, max(full, 1.0))


def levels_note(levels: Sequence[float], images: int) -> str:
    """What was decided, as a sentence."""
    low, high = levels
    return (
        f"{images:,} of the images have more than 8 bits: values from {low:g} to {high:g}, the "
        "range of the whole set, are spread over 0 to 255"
    )
