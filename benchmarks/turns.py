"""Rivals in turns: between two epochs of `fit`, every rival runs an epoch of its own.

So all of them see the same machine. An epoch is wall time, callbacks included; set-up and the first
epoch are left out. With --cpu-time it is the processor time of the process: for one thread, on a
machine that others use.
"""

import argparse
import importlib.util
import math
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.arguments import parser_of
from handloom.engine.callbacks.best import KeepBest
from handloom.engine.callbacks.checkpoints import Checkpoints
from handloom.engine.callbacks.journal import Journal
from handloom.engine.callbacks.tensorboard import TensorBoard
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.engine.memory import keep_freed_memory
from handloom.runs.directory import RunDirectory

Epoch = Callable[[], tuple[float, float]]  # -> samples a second, loss


class Clock:
    """Seconds of wall time, or of this process's processor time."""

    cpu_time = False

    @property
    def name(self) -> str:
        return "processor time" if self.cpu_time else "wall time"

    def __call__(self) -> float:
        return time.process_time() if self.cpu_time else time.perf_counter()


clock = Clock()


def arguments(
    text: str | None, names: Iterable[str], epochs: int, is_optional: bool = False
) -> argparse.ArgumentParser:
    """The options of every benchmark in turns. names: what can be measured. is_optional: of the
    listings."""
    parser = parser_of(text)
    parser.add_argument("listings", type=Path, nargs="?" if is_optional else None)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--only", nargs="*", default=list(names), choices=list(names))
    parser.add_argument("--cpu-time", action="store_true", help="processor time, not wall time")
    return parser


def begin(options: argparse.Namespace) -> None:
    """Set the clock, and memory as `handloom train` does, by which the rivals gain too."""
    clock.cpu_time = options.cpu_time
    keep_freed_memory()
    warnings.simplefilter("ignore")


class Alternate(Callback):
    """After each epoch of the fit, notes its speed and lets the rivals run an epoch each."""

    def __init__(self, samples: int, rivals: dict[str, Epoch]) -> None:
        self.samples, self.rivals = samples, rivals
        self.speeds: dict[str, list[float]] = {name: [] for name in ("fit", *rivals)}
        self.losses: dict[str, list[float]] = {name: [] for name in ("fit", *rivals)}

    def start(self, fit: Fit) -> None:
        self._began = clock()

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        speed = self.samples / (clock() - self._began)
        self._note("fit", speed, record.get("train/loss", math.nan))
        for name, run in self.rivals.items():
            self._note(name, *run())
        self._began = clock()

    def _note(self, name: str, speed: float, loss: float) -> None:
        self.speeds[name].append(speed)
        self.losses[name].append(loss)


def take_turns(experiment: Experiment, job: str, rivals: dict[str, Epoch]) -> Alternate:
    """Run `fit` with every usual callback (checkpoints, metrics.jsonl, TensorBoard, keep-best), and
    the rivals between its epochs."""
    alternate = Alternate(experiment.train.steps * experiment.train.batch_size, rivals)
    with tempfile.TemporaryDirectory() as folder:
        run = RunDirectory.create(Path(folder) / "run", job, "benchmark")
        best = KeepBest(run)
        callbacks = [best, Journal(run), TensorBoard(run), Checkpoints(run, best), alternate]
        Fit(experiment, callbacks).run()
    return alternate


def speeds(alternate: Alternate) -> dict[str, Any]:
    """Samples a second in the best epoch, the ratios of the best epochs, and the least, median and
    greatest ratio of the pairs."""
    timed = {name: values[1:] for name, values in alternate.speeds.items()}
    ours = timed["fit"]
    ratios = {
        rival: [a / b for a, b in zip(ours, timed[rival], strict=True)]
        for rival in alternate.rivals
    }
    return {
        "n": len(ours),
        "samples_per_second": {name: round(max(values)) for name, values in timed.items()},
        "best_over_best": {name: round(max(ours) / max(timed[name]), 2) for name in ratios},
        "pairs": {
            name: [round(f(values), 2) for f in (min, statistics.median, max)]
            for name, values in ratios.items()
        },
    }


def load_listings(path: Path) -> Any:
    """The module of the tutorials' code."""
    spec = importlib.util.spec_from_file_location("listings", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tutorial(listing: Iterator[tuple[int, float]]) -> Epoch:
    """Epochs of the tutorial's code, which is set up here."""
    next(listing)

    def run() -> tuple[float, float]:
        began = clock()
        samples, loss = next(listing)
        return samples / (clock() - began), loss

    return run
