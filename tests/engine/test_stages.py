"""A training of two stages: one count of epochs and steps, a schedule for each, exact resume."""

from dataclasses import replace
from pathlib import Path

from handloom.engine import checkpoint
from handloom.engine.callbacks.best import KeepBest
from handloom.engine.loop import Callback, Experiment, Fit, StageStart
from handloom.runs.directory import RunDirectory
from tests.engine.test_resume import Records, StopAt, assert_same
from tests.engine.toys import classifier


class Rates(Callback):
    """The learning rate of every step."""

    def __init__(self) -> None:
        self.lrs: list[float] = []

    def step(self, fit: Fit) -> None:
        self.lrs.append(float(fit.experiment.scheduled[0].tensor))


def second_stage(before: Fit, *callbacks: Callback) -> Fit:
    """Five epochs more of the same networks, optimizer state and callbacks."""
    first = StageStart(1, before.progress.epoch, before.progress.step)
    return Fit(replace(before.experiment, epochs=5), callbacks, first, before.progress)


def two_stages(*callbacks: Callback) -> Fit:
    fit = Fit(classifier(3), callbacks)
    fit.run()
    return second_stage(fit, *callbacks)


def test_a_schedule_runs_over_its_stage() -> None:
    rates = Rates()
    two_stages(rates).run()
    alone, longer = Rates(), Rates()
    Fit(classifier(3), [alone]).run()
    Fit(classifier(5), [longer]).run()
    assert rates.lrs == alone.lrs + longer.lrs


def test_epochs_and_steps_count_over_all_stages() -> None:
    records = Records()
    fit = two_stages(records)
    assert (fit.last_epoch, fit.last_step) == (8, 32)
    fit.run()
    assert (fit.progress.epoch, fit.progress.step, fit.progress.samples) == (8, 32, 32 * 16)
    assert len(records.lines) == 8


def test_a_stage_alone_begins_where_it_is_told() -> None:
    fit = Fit(classifier(2), start=StageStart(1, 3, 12))
    assert (fit.progress.epoch, fit.progress.step) == (3, 12)
    assert fit.run().epoch == 5


def test_the_last_epoch_of_every_stage_is_evaluated() -> None:
    records = Records()
    first = Fit(replace(classifier(3), evaluate_every=7), [records])
    first.run()
    second_stage(first, records).run()
    evaluated = [epoch for epoch, line in enumerate(records.lines, 1) if "valid/loss" in line]
    assert evaluated == [3, 7, 8]


def test_the_best_epoch_may_be_of_either_stage(tmp_path: Path) -> None:
    best = KeepBest(RunDirectory.create(tmp_path / "run", "classifier", "data"))
    records = Records()
    two_stages(best, records).run()
    values = [(line["valid/accuracy"], -line["valid/loss"]) for line in records.lines]
    assert best.best.epoch == 1 + values.index(max(values))


def test_a_second_stage_resumes_to_the_bit() -> None:
    whole = two_stages()
    whole.run()
    stopped = two_stages()
    stopped.callbacks.append(StopAt(17))
    stopped.run()
    tensors, numbers = checkpoint.take(stopped)
    assert checkpoint.stage_start(numbers) == StageStart(1, 3, 12)
    resumed = Fit(built_anew(), start=checkpoint.stage_start(numbers))
    checkpoint.put(resumed, tensors, numbers)
    resumed.run()
    assert_same(whole, resumed)


def built_anew() -> Experiment:
    return replace(classifier(3), epochs=5)
