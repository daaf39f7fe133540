"""How long images are moved by affine maps, beside torch's `affine_grid` with `grid_sample`.

usage: python -m benchmarks.warp [--side 224] [--batch 32] [--n 25]

Random rotations, scales and shifts of images of noise, one thread, in turns: the median of n times
of processor, in milliseconds a batch, with and without bfloat16 autocast: of the places that pixels
come from, and of the whole with its interpolation. And how far the places of `affine_grid` are from
the sums, in pixels, under each.
"""

import json
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.models.layers.warp import places, warp


def maps(batch: int) -> tuple[Tensor, Tensor]:
    """The first two rows (B, 3) of random affine maps."""
    angle, scale = (torch.rand(batch) - 0.5) / 2, 0.8 + 0.4 * torch.rand(batch)
    shift = 0.2 * (torch.rand(2, batch) - 0.5)
    across, down = scale * angle.cos(), scale * angle.sin()
    return torch.stack([across, -down, shift[0]], 1), torch.stack([down, across, shift[1]], 1)


def grid_of(x: Tensor, y: Tensor, size: tuple[int, int]) -> Tensor:
    return F.affine_grid(torch.stack([x, y], 1), [len(x), 1, *size], align_corners=False).float()


def by_affine_grid(image: Tensor, x: Tensor, y: Tensor, size: tuple[int, int]) -> Tensor:
    grid = grid_of(x, y, size)
    return F.grid_sample(image, grid, padding_mode="reflection", align_corners=False)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--n", type=int, default=25)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    size, image = (given.side, given.side), torch.rand(given.batch, 3, given.side, given.side)
    ways: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "places": lambda x, y: places(x, y, size),
        "places by affine_grid": lambda x, y: grid_of(x, y, size),
        "warp": lambda x, y: warp(image, x, y, size, "reflection"),
        "whole by affine_grid": lambda x, y: by_affine_grid(image, x, y, size),
    }
    record: dict[str, object] = {}
    for is_bfloat16 in (False, True):
        taken: dict[str, list[float]] = {name: [] for name in ways}
        with torch.autocast("cpu", torch.bfloat16, enabled=is_bfloat16):
            for _ in range(given.n):
                x, y = maps(given.batch)
                for name, way in ways.items():
                    began = time.process_time()
                    way(x, y)
                    taken[name].append(1000 * (time.process_time() - began))
            x, y = maps(given.batch)
            by_grid = grid_of(x, y, size)
        off = float((by_grid - places(x, y, size)).abs().max()) * given.side / 2
        record["bfloat16 autocast" if is_bfloat16 else "float32"] = {
            **{name: round(statistics.median(times), 2) for name, times in taken.items()},
            "pixels apart": float(f"{off:.2g}"),
        }
    print(json.dumps(record | {"machine": machine()}))


if __name__ == "__main__":
    main()
