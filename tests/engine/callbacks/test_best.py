"""The best epoch is kept, and a run that no longer improves ends."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from handloom.engine.callbacks.best import KeepBest
from handloom.engine.loop import Callback, Experiment, Fit, StageStart
from handloom.errors import UserError
from handloom.runs.directory import RunDirectory

Build = Callable[..., Experiment]


class Scripted(Callback):
    """Puts prepared values where the monitored metric stands, and remembers the weights."""

    def __init__(self, values: list[float], losses: list[float] | None = None) -> None:
        self.values, self.losses, self.weights = values, losses, list[Tensor]()

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        monitor = fit.experiment.monitor
        if monitor is not None:
            record[monitor] = self.values[fit.progress.epoch - 1]
            record["valid/loss"] = (self.losses or [1.0] * 9)[fit.progress.epoch - 1]
        self.weights.append(next(fit.experiment.objective.parameters()).detach().clone())


def saved(run: RunDirectory) -> Tensor:
    return run.networks()["network"]["1.weight"]


@pytest.mark.parametrize(
    ("values", "lower", "best"),
    [
        ([0.1, 0.9, 0.5, 0.9], False, 2),  # the first of equals in both
        ([3.0, 1.0, 2.0, 0.5], True, 4),
        ([0.7, 0.5, 0.6, 0.1], False, 1),
        ([float("nan"), 0.2, float("nan"), 0.1], False, 2),
        ([float("nan"), 0.2, float("nan"), 0.1], True, 4),
    ],
)
def test_the_best_epoch_is_saved(
    build: Build, run: RunDirectory, values: list[float], lower: bool, best: int
) -> None:
    scripted, keep = Scripted(values), KeepBest(run)
    Fit(build(4, lower_is_better=lower), [scripted, keep]).run()
    assert keep.best.epoch == best
    assert torch.equal(saved(run), scripted.weights[best - 1])


def test_of_equal_epochs_the_one_with_the_lower_loss_is_saved(
    build: Build, run: RunDirectory
) -> None:
    scripted, keep = Scripted([0.5, 0.5, 0.5, 0.1], [2.0, 0.7, 1427.0, 0.1]), KeepBest(run)
    Fit(build(4), [scripted, keep]).run()
    assert keep.best.epoch == 2
    assert torch.equal(saved(run), scripted.weights[1])


def test_without_a_metric_the_last_is_saved(build: Build, run: RunDirectory) -> None:
    scripted, keep = Scripted([]), KeepBest(run)
    Fit(build(3, monitor=None), [scripted, keep]).run()
    assert keep.best.epoch == 3
    assert torch.equal(saved(run), scripted.weights[-1])


@pytest.mark.parametrize(("patience", "end"), [(1, 3), (2, 4), (3, 8), (None, 8)])
def test_patience(build: Build, run: RunDirectory, patience: int | None, end: int) -> None:
    scripted = Scripted([0.1, 0.5, 0.4, 0.5, 0.6, 0.1, 0.6, 0.5])  # equal is not better
    fit = Fit(build(8), [scripted, KeepBest(run, patience)])
    assert fit.run().epoch == end
    said = None if patience is None else f"no better valid/accuracy for {patience} epochs"
    assert fit.progress.stop == said


def test_a_resumed_run_remembers_the_best(build: Build, run: RunDirectory) -> None:
    first = KeepBest(run)
    Fit(build(2), [Scripted([0.3, 0.9]), first]).run()
    weights = saved(run)
    second = KeepBest(run)
    second.load(first.state())
    fit = Fit(build(4), [Scripted([0.0, 0.0, 0.5, 0.8]), second])
    fit.progress.epoch = 2
    fit.run()
    assert (second.best.value, second.best.epoch) == (0.9, 2)
    assert torch.equal(saved(run), weights)


def test_no_number_replaces_nothing(build: Build, run: RunDirectory) -> None:
    run.write_networks({"network": {"1.weight": torch.ones(2, 4)}})

    class Spoil(Callback):
        def step(self, fit: Fit) -> None:
            next(fit.experiment.objective.parameters()).data.fill_(float("nan"))
            fit.progress.stop = "test"

    Fit(build(3, monitor=None), [Spoil(), KeepBest(run)]).run()
    assert torch.equal(saved(run), torch.ones(2, 4))


def test_before_the_first_epoch_there_is_no_best(build: Build, run: RunDirectory) -> None:
    class Stop(Callback):
        def step(self, fit: Fit) -> None:
            fit.progress.stop = "test"

    Fit(build(3), [Stop(), KeepBest(run)]).run()
    with pytest.raises(UserError, match="no trained networks yet"):
        run.networks()


def test_patience_begins_anew_with_a_stage(build: Build, run: RunDirectory) -> None:
    keep = KeepBest(run, patience=2)
    scripted = Scripted([0.9, 0.1, 0.2, 0.3, 0.4])
    first = Fit(build(1), [scripted, keep])
    first.run()
    second = Fit(build(5), [scripted, keep], StageStart(1, 1, first.progress.step), first.progress)
    assert second.run().epoch == 3


def test_values_of_different_metrics_are_not_compared(build: Build, run: RunDirectory) -> None:
    keep = KeepBest(run)
    first = Fit(build(1, monitor="valid/loss", lower_is_better=True), [keep])
    first.run()
    assert keep.best.value is not None
    second = build(3)
    scripted = Scripted([0.0, 0.01, 0.02, 0.005])
    Fit(second, [scripted, keep], StageStart(1, 1, first.progress.step), first.progress).run()
    assert (keep.best.monitor, keep.best.value, keep.best.epoch) == ("valid/accuracy", 0.02, 3)
