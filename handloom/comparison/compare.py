"""Encoders compared on a folder of images: the verb `compare-encoders`."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.comparison.candidates import Candidate, opened, trainable, trained
from handloom.comparison.collection import FEWEST, collect, task_of
from handloom.comparison.measuring import Bench, readable, seconds_per_thousand
from handloom.comparison.page import write_page
from handloom.comparison.records import EncoderComparison, Measured
from handloom.comparison.verdict import decide, duration
from handloom.display.pace import paced
from handloom.errors import UserError
from handloom.jobs.images.data import reading_of
from handloom.runs.naming import next_folder

if TYPE_CHECKING:
    from handloom.display.console import Display

LEAST = 0.2  # minutes of a training
SHARE = 0.8  # of the minutes left, for training; its evaluation and the encoding take the others


@dataclass(frozen=True)
class Asked:
    """What a user asks for.

    named, weights: further encoders, and the files of their weights. minutes: for all of it.
    most: images. k: results that are looked at. options: how folders and tables are read, as typed.
    """

    data: str
    named: Sequence[str] = ()
    weights: Sequence[str] = ()
    minutes: float = 10
    most: int = 2_000
    k: int = 5
    device: str = "auto"
    options: dict[str, Any] = field(default_factory=dict)


class _Interrupted(Exception):  # noqa: N818
    """A training was interrupted."""


class _Work:
    """A comparison under way."""

    def __init__(self, asked: Asked, place: Path, bench: Bench, display: "Display") -> None:
        self.asked, self.place, self.bench, self.display = asked, place, bench, display
        self.end = time.monotonic() + 60 * asked.minutes
        self.measured: list[Measured] = []
        self.absent: list[tuple[str, str]] = []

    def run(self, candidates: Sequence[Candidate]) -> bool:
        """Whether all of it was done, not interrupted."""
        try:
            for candidate in candidates:
                self.measure(candidate)
            self.train()
        except (KeyboardInterrupt, _Interrupted):
            return False
        return True

    def minutes_left(self) -> float:
        return (self.end - time.monotonic()) / 60

    def measure(self, candidate: Candidate) -> None:
        """Leaves out an encoder that would take longer than there is time."""
        speed = seconds_per_thousand(candidate.encoder, self.bench.collection)
        needed = speed * self.bench.images / 1000
        if needed > 60 * max(0.0, self.minutes_left()):
            self.leave_out(
                candidate.name,
                f"encoding {self.bench.images:,} images would take {duration(needed)}, longer than "
                f"what is left of --minutes {self.asked.minutes:g}",
            )
            return
        with paced(self.display, "images") as report:
            self.measured.append(self.bench.measure(candidate, speed, report))

    def train(self) -> None:
        """Trains what can be trained, the time that is left in equal parts, and measures it."""
        jobs = trainable()
        for number, job in enumerate(jobs):
            minutes = SHARE * self.minutes_left() / (len(jobs) - number)
            if minutes < LEAST:
                self.leave_out(job.name, f"no time to train it: --minutes {self.asked.minutes:g}")
                continue
            self.display.message(f"training {job.name} for {duration(60 * minutes)}")
            try:
                candidate = trained(
                    job, self.asked.data, self.asked.options, minutes, self.place / job.name,
                    self.display,
                )  # fmt: skip
            except UserError as error:
                self.leave_out(job.name, str(error))
                continue
            if candidate is None:
                raise _Interrupted
            self.end = max(self.end, time.monotonic() + 60)  # what was trained is measured
            self.measure(candidate)

    def leave_out(self, name: str, reason: str) -> None:
        self.display.note(f"{name} is left out: {reason}")
        self.absent.append((name, reason))


def compare(asked: Asked, out: Path | None, display: "Display") -> EncoderComparison:
    """Measure every encoder that is at hand, named, or can be trained in the time; write the page.

    out: the folder for the page and for what is trained, by default a new one in runs/. An
    interrupt ends it with what has been measured; called again with the same folder, trainings go
    on, and what was encoded is known. Raises UserError for what an input or an option is to blame
    for.
    """
    _check(asked)
    with paced(display, "images") as report:
        collection = collect(asked.data, reading_of(asked.options), asked.most, report)
        candidates, absent = opened(
            asked.named, asked.weights, collection.digests, asked.device, display
        )
        collection = readable(collection, candidates[0].encoder, report)
    task = task_of(collection, asked.k)
    place = out or next_folder("compare-encoders", asked.data)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # mapped on Windows
        work = _Work(asked, place, Bench(collection, task, Path(folder)), display)
        work.absent += absent
        is_whole = work.run(candidates)
    comparison = EncoderComparison(
        asked.data, collection, task, tuple(work.measured), tuple(work.absent),
        decide(work.measured, task), is_whole, place, tuple(_command(asked)),
        dict(zip(asked.named, asked.weights, strict=False)),
    )  # fmt: skip
    write_page(comparison)
    return comparison


def _command(asked: Asked) -> list[str]:
    """The words of the command that was typed, without what is so by default."""
    words, plain = ["compare-encoders", asked.data], Asked(asked.data)
    for name, values in (("encoder", asked.named), ("weights", asked.weights)):
        words += [word for value in values for word in (f"--{name}", value)]
    given = {"minutes": asked.minutes, "images": asked.most, "k": asked.k} | asked.options
    usual = {"minutes": plain.minutes, "images": plain.most, "k": plain.k}
    for name, value in given.items():
        if value not in (usual.get(name), None, False):
            label = f"--{name.replace('_', '-')}"
            words += [label] if value is True else [label, f"{value}".removesuffix(".0")]
    return words


def _check(asked: Asked) -> None:
    if asked.k < 1:
        raise UserError(f"-k {asked.k}: must be 1 or more")
    if asked.most < FEWEST:
        raise UserError(f"--images {asked.most}: must be {FEWEST} or more")
    if not 0 < asked.minutes < 100_000:
        raise UserError(f"--minutes {asked.minutes:g}: must be a number above 0")
