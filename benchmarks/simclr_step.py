"""What a step of SimCLR costs, and what of it the random views do: seconds of processor.

usage: python -m benchmarks.simclr_step [--sizes 64 32] [--batch 64] [--n 5]

The job's default network on images of noise, one thread. The median of n steps, after one that is
not counted, and of as many times the views of a batch alone.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.config import check
from handloom.data.images.dataset import DataSet, Images
from handloom.data.images.reading import Preprocessing
from handloom.engine.memory import keep_freed_memory
from handloom.engine.step import TrainStep
from handloom.jobs.simclr import build
from handloom.jobs.simclr.config import Config


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 32])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--n", type=int, default=5)
    given = parser.parse_args()
    keep_freed_memory()
    torch.set_num_threads(1)
    for size in given.sizes:
        print(json.dumps(measured(size, given.batch, given.n)), flush=True)


def measured(size: int, batch: int, n: int) -> dict[str, object]:
    """A step, and the two views of each of its images alone."""
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, (4 * batch, size, size, 3), dtype=torch.uint8)
    names = tuple(map(str, range(len(pixels))))
    train, valid = (Images(pixels[rows], None, (), names[rows])
                    for rows in (slice(0, 3 * batch), slice(3 * batch, None)))  # fmt: skip
    shape: Preprocessing = {"size": [size, size], "channels": 3, "fit": "crop"}
    data = DataSet("noise", train, valid, None, (), (), "", shape)
    config = build.resolve(check(Config, {"size": size, "batch": batch, "epochs": 1}), data)
    experiment = build.build(config, data, torch.device("cpu")).experiment
    (phase,) = experiment.objective.phases()
    objective: Any = experiment.objective.train()
    step = TrainStep(phase, experiment.optimizers[phase.name], experiment.precision)
    example = next(iter(experiment.train.batches(0)))
    views = objective.views
    return {
        "pixels": size,
        "batch": batch,
        "step": seconds(lambda: step(example), n),
        "views": seconds(lambda: views(example["image"].repeat(2, 1, 1, 1)), n),
        "n": n,
        "precision": experiment.precision.name,
        "machine": machine(),
    }


def seconds(work: Callable[[], object], n: int) -> float:
    """Median of the processor time."""
    times = []
    for _ in range(n + 1):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return round(statistics.median(times[1:]), 4)


if __name__ == "__main__":
    main()
