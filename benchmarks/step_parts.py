"""Where a training step of the tutorials' text networks goes: milliseconds by operator and shapes.

usage: python -m benchmarks.step_parts DATA [--only rnn-lyrics] [--steps 50] [--threads N]
           [--top 12]

DATA holds text/ and glove/. After as many steps to warm up, torch's profiler watches steps of the
training that `python -m benchmarks.text` measures: its own time in each operator, calls a step,
and the shapes it was called with. The profiler makes a step somewhat slower; a step without it is
printed first.
"""

import argparse
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import torch
from torch.profiler import profile

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from benchmarks.text import EXPERIMENTS, experiment_of
from handloom.engine.memory import keep_freed_memory
from handloom.engine.step import TrainStep


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=list(EXPERIMENTS), default="rnn-lyrics")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--top", type=int, default=12)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    keep_freed_memory()
    train = steps_of(given)
    train(given.steps)
    began = time.perf_counter()
    train(given.steps)
    whole = (time.perf_counter() - began) / given.steps
    with profile(record_shapes=True) as watched:
        train(given.steps)
    parts = sorted(watched.key_averages(group_by_input_shape=True),
                   key=lambda part: -part.self_cpu_time_total)  # fmt: skip
    print(f"{given.only}: {1000 * whole:.2f} ms a step; {machine()}")
    print("| operator | shapes | calls a step | ms a step |\n| --- | --- | --- | --- |")
    for part in parts[: given.top]:
        milliseconds = part.self_cpu_time_total / 1000 / given.steps
        calls = part.count / given.steps
        print(f"| {part.key} | {part.input_shapes} | {calls:g} | {milliseconds:.2f} |")


def steps_of(given: argparse.Namespace) -> Callable[[int], None]:
    """Trains so many steps, epoch after epoch."""
    job, file, vectors, options, *_ = EXPERIMENTS[given.only]
    if vectors:
        options = options | {"vectors": str(given.data / vectors)}
    experiment = experiment_of(job, str(given.data / file), options)
    (phase,) = experiment.objective.phases()
    step = TrainStep(
        phase, experiment.optimizers["network"], experiment.precision, clip=experiment.clip
    )
    batches = (batch for epoch in count() for batch in experiment.train.batches(epoch))
    experiment.objective.train()

    def train(steps: int) -> None:
        for _ in range(steps):
            step(next(batches))

    return train


if __name__ == "__main__":
    main()
