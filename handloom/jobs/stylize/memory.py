"""How large an image fits into how much memory: whole, or in tiles of which size."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handloom.errors import UserError
from handloom.jobs.stylize.config import Config

# What comes after the plan is made, bytes: decoded images, TensorBoard, the report (measured).
LATER = 400 << 20
# Tiles of different sizes leave gaps that the allocator keeps: 1.8 GB was measured for a plan of
# 1.5 GB.
TILED = 1.8
UNMEASURED = 600 << 20  # a process that has imported torch, where it cannot be asked
SMALLEST_TILE = 160


@dataclass(frozen=True)
class Plan:
    """What was chosen: tile side or None, margin, optimizer and its history; bytes in all."""

    tile: int | None
    margin: int
    optimizer: str  # "lbfgs" or "adam"
    history: int
    needs: int


def parse(text: str) -> int:
    """Bytes of 2G, 800M or 1.5GB."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kKmMgG])i?[bB]?", text.strip())
    if not match:
        raise UserError(f"--memory {text}: write a number and its unit, as 2G or 800M")
    return int(float(match[1]) * 1024 ** {"k": 1, "m": 2, "g": 3}[match[2].lower()])


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
    total: float = item * (1.15 * kept + 4 * widest) + 4 * 3 * 6
    return total


def plan(
    height: int,
    width: int,
    network: Any,
    layers: Sequence[str],
    limit: int | None,
    history: int,
    optimizer: str,
    margin: int | None = None,
    tile: int | None = None,
    used: int = UNMEASURED,
) -> Plan:
    """Whole if it fits `limit` bytes, otherwise the largest tiles that do.

    optimizer: "lbfgs", "adam", or "auto", which goes over to Adam where L-BFGS does not fit. L-BFGS
    gives up history first: a pair takes 8 bytes a number, and twice that in a checkpoint's making.
    used: bytes that the process held before. A UserError where not even the smallest tile fits.
    """
    pixels = height * width
    per_pixel = bytes_per_pixel(network, layers)
    base = used + LATER + sum(b.nbytes for b in network.buffers()) + 48 * pixels
    reach = network.reach(layers) if margin is None else margin
    least = min((SMALLEST_TILE + 2 * (-(-reach // 16) * 16)) ** 2, pixels)
    fewest = 0.0
    for name, remembered in _ways(optimizer, history):
        state = 12 * pixels * (2 * remembered + 4 if name == "lbfgs" else 4)

        def needs(at_once: float, state: int = state) -> float:
            total: float = base + state + max(at_once * per_pixel, 2.5 * state)
            return total

        if tile is not None:
            return Plan(tile, reach, name, remembered, int(needs(TILED * min(tile * tile, pixels))))
        if limit is None or needs(pixels) <= limit:
            return Plan(None, 0, name, remembered, int(needs(pixels)))
        fewest = needs(least * TILED)
        if fewest <= limit:
            side = int(((limit - base - state) / per_pixel / TILED) ** 0.5) // 16 * 16
            return Plan(side, reach, name, remembered, int(needs(side * side * TILED)))
    raise _too_little(f"{width}x{height}", fewest, limit or 0, optimizer)


def _too_little(size: str, fewest: float, limit: int, optimizer: str) -> UserError:
    remedy = "--optimizer adam, or a smaller --size" if optimizer == "lbfgs" else "a smaller --size"
    return UserError(
        f"--memory is too small for even one tile: {size} pixels need {fewest / 2**30:.2f}G, and "
        f"{limit / 2**30:.2f}G was allowed: give more, or {remedy}"
    )


def _ways(optimizer: str, history: int) -> list[tuple[str, int]]:
    shorter = [n for n in (history, 5, 3) if n <= history]
    lbfgs = [("lbfgs", n) for n in dict.fromkeys(shorter)]
    return {"lbfgs": lbfgs, "adam": [("adam", 0)], "auto": [*lbfgs, ("adam", 0)]}[optimizer]


def in_use() -> int:
    """The most memory this process has had so far, bytes."""
    if sys.platform == "win32":
        return UNMEASURED
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def plan_size(config: Config, height: int, width: int, network: Any, layers: Sequence[str]) -> Plan:
    """The plan for one size, by the options of `stylize`, in which nothing is left open."""
    assert config.history is not None
    assert config.optimizer is not None
    assert config.memory_in_use is not None
    return plan(
        height,
        width,
        network,
        layers,
        None if config.memory is None else parse(config.memory),
        config.history,
        config.optimizer,
        config.margin,
        config.tile,
        config.memory_in_use,
    )
