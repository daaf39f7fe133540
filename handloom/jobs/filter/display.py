"""Numbers of any range as pixels, and what was done to make them visible; imports no torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from handloom.data.images.values import Values

ShownAs = Literal["clip", "signed", "stretch", "absolute"]

NEARLY = 0.05  # sum of a kernel's weights, relative to that of their magnitudes, taken for 0


class Visible(NamedTuple):
    """pixels: uint8 (C, H, W). note: what they mean, in a sentence."""

    pixels: np.ndarray[Any, np.dtype[np.uint8]]
    note: str


def choose(values: Values, kernel: Values) -> ShownAs:
    """signed where values leave [0, 1] and the kernel sums to nearly 0, as one that finds edges
    does; sharpening has 0.11."""
    inside = values.min() > -1e-6 and values.max() < 1 + 1e-6
    differs = abs(float(kernel.sum())) < NEARLY * float(np.abs(kernel).sum())
    return "signed" if differs and not inside else "clip"


def visible(values: Values, shown: ShownAs) -> Visible:
    """Values (C, H, W) as pixels of 8 bits, and how they are to be read."""
    low, high = float(values.min()), float(values.max())
    largest = max(-low, high, 1e-12)
    scaled, meaning = SCALES[shown](values, low, high, largest)
    pixels = np.floor(scaled * np.float32(255) + np.float32(0.5)).clip(0, 255).astype(np.uint8)
    return Visible(pixels, f"values from {low:.4g} to {high:.4g}: {meaning}")


Scaled = tuple["np.ndarray[Any, Any]", str]


def _clip(values: Values, low: float, high: float, largest: float) -> Scaled:
    outside = int(((values < -1e-6) | (values > 1 + 1e-6)).sum())
    if not outside:
        return values, "shown as they are"
    share = 100 * outside / values.size
    return values, (
        f"{share:.2g} % lie outside 0 to 1 and are cut off (a .npy keeps them; --shown signed or "
        "stretch makes them visible)"
    )


def _signed(values: Values, low: float, high: float, largest: float) -> Scaled:
    scaled = 0.5 + values / (2 * largest)
    return scaled, f"0 is mid grey, {largest:.4g} white and {-largest:.4g} black"


def _stretch(values: Values, low: float, high: float, largest: float) -> Scaled:
    span = max(high - low, 1e-12)
    return (values - low) / span, f"{low:.4g} is black and {high:.4g} white"


def _absolute(values: Values, low: float, high: float, largest: float) -> Scaled:
    return np.abs(values) / largest, f"without their signs, 0 is black and {largest:.4g} white"


SCALES: dict[str, Callable[[Values, float, float, float], Scaled]] = {
    "clip": _clip,
    "signed": _signed,
    "stretch": _stretch,
    "absolute": _absolute,
}
