"""Whole training steps with and without each of our own kernels, in alternating pairs.

usage: python -m benchmarks.kernels [--only NAME ...] [--threads 1 2] [--pairs 15]
       [--seconds 0.3] [--cpu-time]

A pair is a block of steps with kernels and one without, of the same network, in random order. A
step is what a training does: a batch, forward, backward, optimizer. Prints a
row of a table for every network, number of threads and precision: milliseconds of a step with
and without, and the median of the pairs' ratios with their quartiles. --cpu-time takes the
processor time of the process instead of wall time: for one thread on a machine that others use.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator

import torch

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.engine.memory import keep_freed_memory
from handloom.engine.objective import Batch, Objective, trainable
from handloom.engine.optim import Adam
from handloom.engine.precision import Precision
from handloom.engine.step import TrainStep
from handloom.models import kernels

CPU = torch.device("cpu")
CLOCK = time.perf_counter
Case = Callable[[], tuple[Objective, Iterator[Batch]]]


def text(vocabulary: int, batch: int, seq_len: int) -> Iterator[Batch]:
    """Random characters, the state carried on."""
    tokens = torch.randint(0, vocabulary, (batch, seq_len))
    first = torch.zeros(batch, dtype=torch.bool)
    while True:
        yield {"tokens": tokens, "target": tokens, "first": first}


def char_rnn(
    cell: str, vocabulary: int, hidden: int, batch: int, seq_len: int, layers: int = 1
) -> Case:
    """A char-rnn of the default sizes for a text of that length."""

    def build() -> tuple[Objective, Iterator[Batch]]:
        from handloom.models.text.char_rnn import CharRNN, blank
        from handloom.objectives.language_model import LanguageModel

        embedding = None if cell == "rnn" else 64
        network = CharRNN(vocabulary, hidden, cell, layers, embedding)  # type: ignore[arg-type]
        state = blank(network, batch)
        objective = LanguageModel(network, state, state.clone(), 1e-4)
        return objective, text(vocabulary, batch, seq_len)

    return build


CASES: dict[str, Case] = {
    "elman, rnn 256": char_rnn("rnn", 100, 256, 16, 64),
    "elman, rnn 384": char_rnn("rnn", 100, 384, 32, 64),
}


class Blocks:
    """Blocks of training steps of one network."""

    def __init__(self, case: Case, precision: Precision, seconds: float) -> None:
        torch.manual_seed(0)
        objective, self.batches = case()
        objective.train()
        (phase,) = objective.phases()
        parameters = trainable(phase.parameters)
        self.step = TrainStep(phase, Adam(parameters, 1e-4), precision)
        for on in (True, False):
            self._block(on, 5)
        self.count = max(3, round(seconds / self._block(False, 5)))

    def pair(self) -> tuple[float, float]:
        """Seconds a step, with and without."""
        order = [True, False]
        random.shuffle(order)
        taken = {on: self._block(on, self.count) for on in order}
        return taken[True], taken[False]

    def _block(self, on: bool, count: int) -> float:
        kernels.enabled = on
        self.step(next(self.batches))
        began = CLOCK()
        for _ in range(count):
            self.step(next(self.batches))
        return (CLOCK() - began) / count


def row(name: str, threads: int, precision: Precision, pairs: int, seconds: float) -> str:
    """Measured, as a row of the table."""
    torch.set_num_threads(threads)
    blocks = Blocks(CASES[name], precision, seconds)
    taken = [blocks.pair() for _ in range(pairs)]
    ratios = sorted(without / own for own, without in taken)
    low, middle, high = (ratios[len(ratios) * q // 4] for q in (1, 2, 3))
    own, without = (1e3 * statistics.median(column) for column in zip(*taken, strict=True))
    return (
        f"| {name} | {threads} | {precision.name} | {own:.2f} | {without:.2f} | {middle:.2f} "
        f"| {low:.2f}-{high:.2f} | {pairs} |"
    )


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--only", nargs="*", default=[""], help="names that begin so")
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--cpu-time", action="store_true")
    options = parser.parse_args()
    if options.cpu_time:
        global CLOCK
        CLOCK = time.process_time
    keep_freed_memory()
    print(machine())
    heads = [
        "kernel, network",
        "threads",
        "precision",
        "with, ms",
        "without, ms",
        "ratio",
        "quartiles",
        "n",
    ]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for name in CASES:
        if not any(name.startswith(prefix) for prefix in options.only):
            continue
        for threads in options.threads:
            for precision in (Precision(CPU, torch.bfloat16), Precision(CPU, None)):
                print(row(name, threads, precision, options.pairs, options.seconds), flush=True)


if __name__ == "__main__":
    main()
