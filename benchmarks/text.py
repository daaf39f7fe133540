"""Speed of the text jobs beside the tutorials' way, in one run, taking turns.

usage: python -m benchmarks.text LISTINGS.PY DATA [--rounds 5] [--only NAME] [--threads N] [--quiet]
           [--cpu-time] [--stretch 1]

LISTINGS.PY trains the tutorials' networks the plain way; DATA holds text/ and glove/. Every round
trains a stretch of the listing, the same stretch of Handloom, and the same stretch of a bare loop
over Handloom's own parts, so that whatever else the machine does meets all three. --stretch: how
many times as long as usual a stretch of the lyrics is.
Prints a JSON line for each experiment and a table in markdown.
"""

import argparse
import csv
import json
import os
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from benchmarks.turns import clock, load_listings
from handloom.display.console import Display
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.engine.memory import keep_freed_memory
from handloom.jobs.training.preparation import prepare

FILE = "text/jaychou_lyrics.txt"
LYRICS: dict[str, Any] = dict(preset="tutorial", sampling="consecutive", held_out=0.0)
MOST_ROUNDS = 400  # rounds, on a machine that is never quiet
EXPERIMENTS: dict[str, tuple[str, str, str, dict[str, Any], float, int]] = {
    # name: job, data below DATA, options, fraction of the listing's epoch, epochs of ours for it
    "rnn-scratch-lyrics": ("char-rnn", FILE, "", LYRICS | {"cell": "scratch"}, 0.1, 2),
    "rnn-lyrics": ("char-rnn", FILE, "", LYRICS | {"cell": "rnn"}, 0.1, 2),
    "lstm-text": (
        "text-classifier",
        "text/rt_polarity.csv",
        "glove/glove.6B.50d.first-rows.txt",
        {"preset": "tutorial", "channel_dropout": 0.0},
        1.0,
        1,
    ),
}  # fmt: skip


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("listings", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=list(EXPERIMENTS))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--quiet", action="store_true", help="repeat disturbed rounds (Linux)")
    parser.add_argument("--stretch", type=int, default=1, help="of the lyrics, in usual stretches")
    parser.add_argument("--cpu-time", action="store_true", help="processor time, not wall time")
    given = parser.parse_args()
    clock.cpu_time = given.cpu_time
    torch.set_num_threads(given.threads)
    keep_freed_memory()  # as `handloom train` does; the rivals gain by it too
    listings = load_listings(given.listings)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in [given.only] if given.only else list(EXPERIMENTS):
            record = compare(name, listings, Path(folder), given)
            print(json.dumps(record), flush=True)
            rows.append(record)
    print(_table(rows))


def compare(name: str, listings: Any, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Samples a second of the listing, of Handloom and of a bare loop, and losses at the end.

    given.quiet: rounds in which other processes took over 3 % of the processors do not count.
    """
    job, file, vectors, options, fraction, epochs = EXPERIMENTS[name]
    data = given.data
    if file == FILE:
        fraction, epochs = fraction * given.stretch, epochs * given.stretch
    if vectors:
        options = options | {"vectors": str(data / vectors)}
    torch.manual_seed(0)
    listing = listings.EXPERIMENTS[name](str(data), fraction)
    next(listing)
    own = shuffled(data / file, folder) if file.endswith(".csv") else data / file
    ours = _handloom(job, str(own), options, epochs)
    bare = _bare(job, str(own), options, epochs)
    speeds: dict[str, list[float]] = {"listing": [], "handloom": [], "bare": []}
    losses, rounds_run, trainings = {}, 0, {"listing": listing, "handloom": ours, "bare": bare}
    while len(speeds["bare"]) < given.rounds:
        before, speed = _busy(), {}
        for who, training in trainings.items():
            began = clock()
            samples, losses[who] = next(training)
            speed[who] = samples / (clock() - began)
        others, everything = (after - first for after, first in zip(_busy(), before, strict=True))
        rounds_run += 1
        if not given.quiet or others < 0.03 * everything or rounds_run > MOST_ROUNDS:
            for who, value in speed.items():
                speeds[who].append(value)
    ratios = sorted(h / p for h, p in zip(speeds["handloom"], speeds["listing"], strict=True))
    against_bare = sorted(h / b for h, b in zip(speeds["handloom"], speeds["bare"], strict=True))
    return {
        "name": name,
        **{f"{who}_per_second": round(statistics.median(v), 1) for who, v in speeds.items()},
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(ratios[0], 2), round(ratios[-1], 2)],
        "fit_of_bare": round(statistics.median(against_bare), 3),
        "losses": {who: round(loss, 4) for who, loss in losses.items()},
        "n": given.rounds,
        "stretch": given.stretch,
        "rounds_run": rounds_run,
        "threads": torch.get_num_threads(),
        "seed": 0,
        "clock": clock.name,
        "machine": machine(),
    }


def shuffled(table: Path, folder: Path) -> Path:
    """The rows in another order, as the listing has them; in the file all rows of one class come
    first."""
    with table.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    random.Random(0).shuffle(rows)
    with (folder / table.name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return folder / table.name


def _busy() -> tuple[float, float]:
    """Ticks in which all processors worked for other processes than this one, and ticks in all."""
    if not Path("/proc/stat").exists():
        return 0.0, 0.0
    user, nice, system, idle, wait, *rest = map(
        float, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    mine = sum(os.times()[:2]) * os.sysconf("SC_CLK_TCK")
    worked = user + nice + system + sum(rest)
    return worked - mine, worked + idle + wait


def experiment_of(job: str, data: str, options: dict[str, Any]) -> Experiment:
    prepared = prepare(job, data, options, Display(quiet=True))
    prepared.resolve()
    return prepared.build().experiment


def _handloom(
    job: str, data: str, options: dict[str, Any], epochs: int
) -> Iterator[tuple[int, float]]:
    experiment = experiment_of(job, data, options)
    experiment.evaluations = {}
    fit, last = Fit(experiment, epochs=0), _Last()
    fit.callbacks.append(last)  # type: ignore[arg-type]
    while True:
        before = fit.progress.samples
        fit.epochs += epochs
        fit.run()
        yield fit.progress.samples - before, last.loss


class _Last(Callback):
    """Remembers the last epoch's loss."""

    loss = 0.0

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        self.loss = record["train/loss"]


def _bare(job: str, data: str, options: dict[str, Any], epochs: int) -> Iterator[tuple[int, float]]:
    """The same parts in the shortest loop one would write."""
    experiment = experiment_of(job, data, options)
    phase = experiment.objective.phases()[0]
    optimizer = experiment.optimizers["network"]
    epoch = 0
    while True:
        samples, total, count = 0, torch.zeros(()), 0
        for _ in range(epochs):
            total, count = torch.zeros(()), 0
            for batch in experiment.train.batches(epoch):
                loss = optimizer.step(_gradients(phase.loss, batch, experiment, optimizer))
                phase.project()
                total, count = total + loss, count + 1
                samples += experiment.train.batch_size
            epoch += 1
        yield samples, float(total / count)


def _gradients(
    loss_of: Any, batch: Any, experiment: Any, optimizer: Any
) -> Callable[[], torch.Tensor]:
    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        with experiment.precision.autocast():
            loss = loss_of(batch)[0]
        loss.backward(inputs=optimizer.parameters)
        if experiment.clip is not None:
            torch.nn.utils.clip_grad_norm_(optimizer.parameters, experiment.clip)
        detached: torch.Tensor = loss.detach()
        return detached

    return closure


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| experiment | listing, samples/s | handloom | ratio (range, n) | of a bare loop "
        "| loss, listing / handloom |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        low, high = row["ratio_range"]
        lines.append(
            f"| {row['name']} | {row['listing_per_second']:,.0f} "
            f"| {row['handloom_per_second']:,.0f} "
            f"| {row['ratio']} ({low}-{high}, n = {row['n']}) | {100 * row['fit_of_bare']:.0f} % "
            f"| {row['losses']['listing']} / {row['losses']['handloom']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
