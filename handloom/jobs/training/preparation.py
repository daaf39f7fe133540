"""From options and data to a training that is ready to start."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from handloom.config import check, path_options
from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.options import CommonConfig, TrainingConfig
from handloom.waiting import doing
from handloom.wording import join_and

if TYPE_CHECKING:
    import torch

    from handloom.data.io.progress import ReportProgress
    from handloom.display.console import Display
    from handloom.engine.loop import Experiment
    from handloom.jobs.job import Job
    from handloom.jobs.training.stage import Built, Stage
    from handloom.runs.records import Options, RunConfig

Accept = Callable[["RunConfig"], None]
CLEARLY = 1.25  # times as long as was asked for: less is within what a speed of two seconds tells


def all_right(_: RunConfig) -> None:
    """Any training may begin."""


@dataclass
class Prepared:
    """Checked options and data.

    config: of the job, in which nothing is left open after `resolve`. data: what the user named.
    loaded: what the job's `load` made of it. accept: raises UserError for the config.json of a run
    that must not begin. notes: what `resolve` found that a person should know.
    """

    job: Job
    config: CommonConfig
    data: str
    loaded: Any
    device: torch.device
    accept: Accept = all_right
    notes: list[str] = field(default_factory=list)

    def resolve(self) -> None:
        """Choose every option that was left open, a training by the clock as epochs."""
        with doing("choosing the settings"):
            config: CommonConfig = self.job.resolve(self.config, self.loaded)
        if isinstance(config, TrainingConfig) and isinstance(self.config, TrainingConfig):
            minutes = self.config.minutes
            config = replace(config, minutes=None)
            if minutes is not None and config.epochs is not None:  # None: nothing is trained
                speed = pace(self.build(config), config.epochs)
                epochs = speed.epochs_in(minutes)
                self.notes += speed.too_slow(minutes)
                # Other choices depend on the number of epochs.
                given = replace(self.config, epochs=epochs, minutes=None)
                config = self.job.resolve(given, self.loaded)
        self.config = config

    def build(self, config: CommonConfig | None = None, loaded: Any = None) -> Built:
        """Build from the seed, so that the same options give the same weights and batches."""
        import torch

        config = config or self.config
        torch.manual_seed(config.seed)
        with doing("preparing the networks"):
            return self.job.build(config, self.loaded if loaded is None else loaded, self.device)


def prepare(
    job: str, data: str, options: Options, display: Display, accept: Accept = all_right
) -> Prepared:
    """Check the options and read the data; `resolve` then chooses what was left open."""
    record = find_job(job)
    config = check(record.config, with_whole_paths(record, options))
    if isinstance(config, TrainingConfig) and config.epochs and config.minutes:
        raise UserError("--epochs and --minutes exclude each other: give one of them")
    with reading(display) as report:
        loaded = record.load(config, data, report)
    from handloom.engine.memory import keep_freed_memory
    from handloom.engine.precision import pick_device

    if not record.plans_memory:
        keep_freed_memory()
    return Prepared(record, config, data, loaded, pick_device(config.device), accept)


def note_choices(
    prepared: Prepared, given: CommonConfig, display: Display, is_chosen: bool = False
) -> None:
    """Say what `resolve` has found, and name in one note every option of `given` that the training
    does not use.

    is_chosen: trials of several kinds of training, which may use them, chose this one.
    """
    for note in prepared.notes:
        display.note(note)
    if prepared.job.unused is None:
        return
    reasons: dict[str, list[str]] = {}
    known = {each.name: each for each in fields(given)}
    for name, why in prepared.job.unused(vars(prepared.config)).items():
        if vars(given)[name] != known[name].default:
            label = (known[name].metadata["flag"] or name).replace("_", "-")
            reasons.setdefault(why, []).append(f"--{label}")
    if reasons:
        by = " by what was chosen" if is_chosen else ""
        display.note("; ".join(
            f"{join_and(names)} {'are' if len(names) > 1 else 'is'} not used{by}: {why}"
            for why, names in reasons.items()))  # fmt: skip


class Pace(NamedTuple):
    """How long a training takes on this machine.

    fixed: seconds of the stages whose epochs are not chosen. per_epoch: seconds of an epoch of the
    others, its evaluation included; 0 where there are none. epochs: those it was built with.
    """

    fixed: float
    per_epoch: float
    epochs: int

    def epochs_in(self, minutes: float) -> int:
        """Whole epochs that fit in so many minutes, one at least."""
        left = 60 * minutes - self.fixed
        return max(1, round(left / self.per_epoch)) if self.per_epoch else self.epochs

    def too_slow(self, minutes: float) -> list[str]:
        """A sentence where even one epoch takes clearly longer; nothing otherwise."""
        from handloom.jobs.pages import duration

        least = self.fixed + self.per_epoch
        if not self.per_epoch or least < CLEARLY * 60 * minutes:
            return []
        return [
            f"--minutes {minutes:.3g} is less than one epoch takes here, and one is the least: "
            f"about {duration(least)}"
        ]


def pace(built: Built, epochs: int) -> Pace:
    """By the speed of real steps, evaluations and closed forms.

    Measured before training starts, so that a run by the clock can be resumed to the bit too.
    built: is used up. epochs: those it was built with; the stages that have as many share what the
    others leave.
    """
    fixed = per_epoch = 0.0
    experiment: Experiment | None = None
    for number, stage in enumerate(built.stages):
        experiment = built.experiment_of(number, experiment)
        began = time.monotonic()
        if stage.prepare is not None:
            stage.prepare()
        fixed += time.monotonic() - began
        seconds = _seconds(stage, experiment)
        if stage.epochs == epochs:
            per_epoch += seconds
        else:
            fixed += seconds * max(stage.epochs, 1)
    return Pace(fixed, per_epoch, epochs)


def _seconds(stage: Stage, experiment: Experiment, probe: float = 2.0) -> float:
    """What an epoch of a stage takes with its evaluation, by `probe` seconds of real steps; or what
    solving it takes."""
    from handloom.engine.callbacks.clock import StopAfter
    from handloom.engine.loop import Fit
    from handloom.jobs.training.trials import evaluations

    began = time.monotonic()
    if stage.solve is not None:
        experiment.objective.eval()
        stage.solve(experiment)
    evaluations(experiment)
    once = time.monotonic() - began
    if not stage.epochs:
        return once
    endless = replace(experiment, evaluations={}, monitor=None)
    done = Fit(endless, [StopAfter(probe)], epochs=10**9).run()
    return done.seconds / done.step * experiment.train.steps + once / experiment.evaluate_every


@contextmanager
def reading(display: Display) -> Iterator[ReportProgress]:
    """A line for what takes long while data are read; nothing is shown for what is quick."""
    began = time.monotonic()
    status = display.status("reading")
    shown = False

    def report(what: str, done: int, total: int) -> None:
        nonlocal shown
        if not shown and time.monotonic() - began > 0.5 and display.is_terminal:
            status.start()
            shown = True
        if shown:
            status.update(f"{what} {done:,} of {total:,}" if total else what)

    try:
        with doing("reading the data"):
            yield report
    finally:
        if shown:
            status.stop()


def with_whole_paths(job: Job, options: Options) -> Options:
    """Options that name files and folders in full, so that the run can be resumed from another
    folder."""
    given = {name: options.get(name) for name in path_options(job.config)}
    return options | {
        name: _absolute(job, str(value))
        for name, value in given.items()
        if isinstance(value, str | Path) and str(value).strip()
    }


STANDARD_INPUT = ("-", "/dev/stdin")


def absolute(job: Job, data: str) -> str:
    """Data as they are recorded: built-in sets by name, paths whole, so that a run can be resumed
    from another folder; several files one a line. Raises UserError for an empty argument."""
    return "\n".join(_absolute(job, part) for part in job.parts(data))


def _absolute(job: Job, data: str) -> str:
    from handloom.data.io.names import resolve

    if data in STANDARD_INPUT:
        from handloom.data.objects import standard_input

        return standard_input()
    place = resolve(data, job.sets() if job.sets is not None else ())
    if place.path is None or not place.path.exists():
        return data
    return str(place.path.resolve())
