"""How large a picture fits into how much memory: whole, or in tiles of which size."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handloom.errors import UserError

# Python, torch and the pictures themselves before anything is computed, bytes (measured 370 MB on
# Linux), without the network.
BASE = 420 << 20
SMALLEST_TILE = 160


@dataclass(frozen=True)
class Plan:
    """What was chosen: tile side or None, margin, history of L-BFGS; `needs` bytes in all."""

    tile: int | None
    margin: int
    history: int
    needs: int


def parse(text: str) -> int:
    """Bytes of 2G, 800M or 1.5GB."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kKmMgG])i?[bB]?", text.strip())
    if not found:
        raise UserError(f"--memory {text}: write a number and its unit, as 2G or 800M")
    return int(float(found[1]) * 1024 ** {"k": 1, "m": 2, "g": 3}[found[2].lower()])


def bytes_per_pixel(network: Any, layers: Sequence[str]) -> float:
    """Memory of one evaluation, forward and backward, for every pixel computed at once.

    Every map is kept once in the network's own precision; where a layer is read before its ReLU,
    twice. At its worst, the way back holds four maps of the first level besides.
    """
    strides, channels, item = network.strides(), network.channels(), network.dtype.itemsize
    deepest = max(layers, key=lambda name: strides[name])
    kept = 0.0
    for name, width in channels.items():
        if strides[name] < strides[deepest] or name in layers:
            read_before = name.startswith("conv") and name not in layers
            kept += 0 if read_before else width / strides[name] ** 2
    widest = max(width for name, width in channels.items() if strides[name] == 1)
    found: float = item * (1.15 * kept + 4 * widest) + 4 * 3 * 6
    return found


def plan(
    height: int,
    width: int,
    network: Any,
    layers: Sequence[str],
    limit: int | None,
    history: int,
    lbfgs: bool,
    margin: int | None = None,
    tile: int | None = None,
) -> Plan:
    """Whole if it fits `limit` bytes, otherwise the largest tiles that do.

    L-BFGS gives up history before the picture is cut: each pair takes eight bytes a number.
    A UserError where not even the smallest tile fits.
    """
    pixels = height * width
    per_pixel = bytes_per_pixel(network, layers)
    weights = sum(b.nbytes for b in network.buffers())
    reach = network.reach(layers) if margin is None else margin
    for remembered in [history, 5, 3] if lbfgs else [0]:
        remembered = min(remembered, history)
        state = _state(pixels, remembered, lbfgs)
        fixed = BASE + weights + state + 16 * pixels * 3
        if tile is not None:
            return Plan(tile, reach, remembered, int(fixed + tile * tile * per_pixel))
        if limit is None or fixed + pixels * per_pixel <= limit:
            return Plan(None, 0, remembered, int(fixed + pixels * per_pixel))
        side = int(((limit - fixed) / per_pixel) ** 0.5) // 16 * 16 if limit > fixed else 0
        least = SMALLEST_TILE + 2 * (-(-reach // 16) * 16)
        if side >= least:
            return Plan(side, reach, remembered, int(fixed + side * side * per_pixel))
    assert limit is not None
    needs = fixed + min(least * least, pixels) * per_pixel
    remedy = "a smaller --size" if lbfgs is False else "--optimizer adam, a smaller --size"
    raise UserError(
        f"--memory is too small for even one tile: {width}x{height} pixels need "
        f"{needs / 2**30:.2f}G, and {limit / 2**30:.2f}G was allowed: give more, or {remedy}"
    )


def chosen(
    config: Any, height: int, width: int, network: Any, layers: Sequence[str], limit: int | None
) -> Plan:
    """The plan for one size, by the options of `stylize`."""
    return plan(
        height,
        width,
        network,
        layers,
        limit,
        config.history,
        config.optimizer == "lbfgs",
        config.margin,
        config.tile,
    )


def _state(pixels: int, history: int, lbfgs: bool) -> int:
    """Bytes of the picture's optimizer; its copies while a checkpoint is written count too."""
    numbers = 3 * pixels
    return (2 * history + 4) * 4 * numbers if lbfgs else 4 * 4 * numbers
