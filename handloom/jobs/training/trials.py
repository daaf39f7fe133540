"""Trials: candidates that are trained and compared before the training that counts.

The plan is in config.json before the first trial begins; every finished one is a line of
trials.jsonl, so that a search that was killed goes on after the last; the choice and its reason are
recorded. What a run reports in the end comes from data that chose nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from handloom.errors import UserError
from handloom.runs.records import ChoiceRecord, Metrics, Options, TrialRecord, TrialResult
from handloom.waiting import doing
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.engine.loop import Experiment, Progress
    from handloom.jobs.training.stage import Built
    from handloom.runs.directory import RunDirectory


@dataclass(frozen=True)
class Trial:
    """One candidate, or one fold of it.

    name: unique within a run, by which it is found again, such as "lstm, fold 2".
    options: of the job, which the candidate sets, its epochs among them.
    fold: which part validates, of a cross-validation.
    """

    name: str
    options: Options = field(default_factory=dict)
    fold: int | None = None

    def record(self) -> TrialRecord:
        """For config.json and trials.jsonl."""
        return {"name": self.name, "options": self.options, "fold": self.fold}


class Outcome(NamedTuple):
    """What a trial leaves.

    metrics: of data it was not trained on. details: JSON values that `choose` needs beside them,
    such as which answers were right.
    """

    metrics: Metrics
    details: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """A finished trial.

    metrics, details: of its outcome; none of one that failed. seconds: it took. error: why it
    failed; such a result is recorded, and never chosen.
    """

    trial: Trial
    metrics: Metrics
    seconds: float
    error: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def record(self) -> TrialResult:
        """A line of trials.jsonl."""
        return {
            "trial": self.trial.record(),
            "metrics": self.metrics,
            "seconds": self.seconds,
            "error": self.error,
            "details": self.details,
        }


@dataclass(frozen=True)
class Choice:
    """What the trials led to: options of the job, and why, in a sentence."""

    options: Options
    reason: str

    def record(self) -> ChoiceRecord:
        """For config.json."""
        return {"options": self.options, "reason": self.reason}


def named_numbers(result: Result) -> str:
    """The metrics of a trial by their names: accuracy 0.91, loss 0.32."""
    return ", ".join(f"{name} {value:.4g}" for name, value in result.metrics.items())


@dataclass(frozen=True)
class Search:
    """What a job proposes to try.

    trials: the plan. run: trains one candidate; its metrics on the data that it did not see, or an
    Outcome.
    choose: what the results lead to. fingerprint: of the data. notes: on the data, shown before
    the first trial. describe: what a person should see of a finished trial; all of its metrics are
    in trials.jsonl.
    """

    trials: Sequence[Trial]
    run: Callable[[Trial], Metrics | Outcome]
    choose: Callable[[Sequence[Result]], Choice]
    fingerprint: str
    notes: Sequence[str] = ()
    describe: Callable[[Result], str] = named_numbers


class Interrupted(Exception):  # noqa: N818
    """A search was stopped between or within trials; what is finished is kept."""


def run_trials(search: Search, directory: RunDirectory, display: Display, seed: int = 0) -> Choice:
    """Run what is left of the plan, and choose among those that did not fail.

    Every trial begins from the seed, so that its result does not depend on those before it. Raises
    Interrupted, and UserError where all of them failed.
    """
    import torch

    finished = {result.trial.name: result for result in _finished(directory)}
    results = []
    for number, trial in enumerate(search.trials, 1):
        result = finished.get(trial.name)
        if result is None:
            torch.manual_seed(seed)
            with doing(f"trial {number} of {len(search.trials)}: {trial.name}"):
                result = _run(search, trial)
            directory.append_trial(result.record())
            display.message(f"trial {number} of {len(search.trials)}: {_summary(search, result)}")
        results.append(result)
    succeeded = [result for result in results if result.error is None]
    if not succeeded:
        reason = f"no trial succeeded; the first: {results[0].error}"
        directory.write_status({"status": "failed", "reason": reason})
        raise UserError(reason)
    choice = search.choose(succeeded)
    display.message(f"chosen after {pluralize(len(results), 'trial')}: {choice.reason}")
    return choice


def _run(search: Search, trial: Trial) -> Result:
    from handloom.engine.loop import Diverged

    began = time.monotonic()
    outcome, error = Outcome({}, {}), None
    try:
        left = search.run(trial)
        outcome = left if isinstance(left, Outcome) else Outcome(left, {})
    except (UserError, Diverged) as failure:
        error = str(failure)
    seconds = round(time.monotonic() - began, 3)
    metrics = {name: round(value, 6) for name, value in outcome.metrics.items()}
    return Result(trial, metrics, seconds, error, outcome.details)


def best_metrics(built: Built) -> Metrics:
    """Train what a job built, without a run directory; the metrics of its best epoch.

    Raises Interrupted on Ctrl-C, and UserError where a loss is no longer a number.
    """
    from handloom.engine.callbacks.best import BestEpoch
    from handloom.engine.callbacks.interrupt import stop_on_signal
    from handloom.engine.loop import Callback, Diverged, Fit, StageStart

    class Best(Callback):
        best, metrics = BestEpoch(), Metrics()

        def epoch(self, fit: Fit, record: Metrics) -> None:
            if self.best.update(fit.experiment, fit.progress.epoch, record):
                self.metrics = record

    best, experiment, start = Best(), None, StageStart()
    progress: Progress | None = None
    for number, stage in enumerate(built.stages):
        experiment = built.experiment_of(number, experiment)
        if experiment.monitor is None:  # the last epoch counts, and only that is evaluated
            experiment = replace(experiment, evaluate_every=max(1, stage.epochs))
        fit = Fit(experiment, [best], start, progress, stage.epochs)
        if stage.solve is not None:
            experiment.objective.eval()
            stage.solve(experiment)
        try:
            with stop_on_signal(fit):
                progress = fit.run()
        except Diverged as error:
            raise UserError(f"{error}: try a smaller --lr") from None
        if progress.interrupted:
            raise Interrupted
        start = StageStart(number + 1, progress.epoch, progress.step)
        if not stage.epochs:
            best.epoch(fit, evaluations(experiment))
    return {name: value for name, value in best.metrics.items() if not name.startswith("train/")}


def evaluations(experiment: Experiment) -> Metrics:
    """Metrics on every evaluation source, as after an epoch."""
    from handloom.engine.evaluate import evaluate

    return {
        f"{prefix}/{name}": value
        for prefix, source in experiment.evaluations.items()
        for name, value in evaluate(experiment.objective, source, experiment.precision).items()
    }


def _finished(directory: RunDirectory) -> list[Result]:
    return [
        Result(**{**line, "trial": Trial(**line["trial"])})  # type: ignore[arg-type]
        for line in directory.trials()
    ]


def _summary(search: Search, result: Result) -> str:
    if result.error is not None:
        return f"{result.trial.name} failed: {result.error}"
    return f"{result.trial.name}: {search.describe(result)} ({result.seconds:.0f} s)"
