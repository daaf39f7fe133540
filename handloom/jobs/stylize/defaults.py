"""What `stylize` takes where an option is left open."""

from __future__ import annotations

from handloom.jobs.stylize.config import Config
from handloom.runs.records import Options

STRENGTH = 0.5
SMALLEST_SIZE = 100  # pixels: below it a painting has no strokes left
TUTORIAL: Options = dict(
    size=400,
    iterations=2000,
    scales=1,
    optimizer="adam",
    lr=0.003,
    history=10,
    pooling="max",
    style_weight=1e6,
    structure=0.0,
    smoothness=0.0,
)
DEFAULTS: Options = dict(
    size=512, iterations=60, optimizer="auto", lr=0.1, history=10, pooling="average"
)
# Weights at strength 1: style, smoothness. Relative losses (see `Weights`) make them hold for every
# size and painting.
ALL_OVER = {"random": (3.0, 8.0)}
ALL_OVER_VGG = (30.0, 20.0)
STRUCTURE = 1 / 30  # of the style weight, at strength 0.5


def defaults(config: Config) -> Options:
    """Values of all options that have a default, by the preset, the network and the strength."""
    if config.preset:
        return TUTORIAL
    strength = STRENGTH if config.strength is None else config.strength
    style, structure, smoothness = balance(config.network, strength)
    chosen = DEFAULTS | dict(
        strength=strength, style_weight=style, structure=structure, smoothness=smoothness
    )
    chosen["scales"] = _scales(config.size or chosen["size"])
    return chosen


def balance(network: str, strength: float) -> tuple[float, float, float]:
    """Weights of style, structure and smoothness; the content weight is 1.

    strength: 1 has no structure term, 0 no style.
    """
    style, smoothness = ALL_OVER.get(network, ALL_OVER_VGG)
    share = min(1.0, 2 * strength)  # below 0.5 the style fades
    structure = style * STRUCTURE * min(1.0, 2 * (1 - strength))
    return style * share**2, structure, smoothness * share**2


def _scales(size: int) -> int:
    count = 1
    while size // 2**count >= SMALLEST_SIZE and count < 8:
        count += 1
    return count
