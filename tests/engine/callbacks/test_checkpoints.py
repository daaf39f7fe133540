"""Checkpoints by the clock, in epochs and between them."""

from collections.abc import Callable

import pytest
import torch

from handloom.engine.callbacks.best import KeepBest
from handloom.engine.callbacks.checkpoints import Checkpoints
from handloom.engine.callbacks.journal import Journal
from handloom.engine.loop import Callback, Diverged, Experiment, Fit
from handloom.runs.directory import RunDirectory

Build = Callable[..., Experiment]


class EmptyLoader(Callback):
    """After every step, where the newest checkpoint stands."""

    def __init__(self, run: RunDirectory) -> None:
        self.run, self.seen = run, list[tuple[int, int]]()

    def step(self, fit: Fit) -> None:
        found = self.run.checkpoint()
        self.seen.append((0, 0) if found is None else (found[1]["step"], found[1]["within"]))


def test_every_step_when_always_due_but_never_before_the_metrics(
    build: Build, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 0.0)  # always due, and never late
    steps, best = EmptyLoader(run), KeepBest(run)
    Fit(build(2), [steps, best, Checkpoints(run, best, interval=0)]).run()
    # Step 4 ends an epoch: what is saved then has its metrics, and stands before step 5.
    expected = [(0, 0), (1, 1), (2, 2), (3, 3), (4, 0), (5, 1), (6, 2), (7, 3)]
    assert steps.seen == expected


def test_the_end_is_always_saved(build: Build, run: RunDirectory) -> None:
    best = KeepBest(run)
    Fit(build(2), [best, Journal(run), Checkpoints(run, best, interval=1e9)]).run()
    found = run.checkpoint()
    assert found is not None
    assert found[1]["step"] == 8
    assert found[1]["callbacks"]["KeepBest"]["epoch"] == best.best.epoch
    assert [line["epoch"] for line in run.metrics()] == [1, 2]


def test_slow_checkpoints_come_less_often(
    build: Build, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(
        RunDirectory, "write_checkpoint", lambda *_: now.__setitem__(0, now[0] + 2.0)
    )
    best = KeepBest(run)
    watch = Checkpoints(run, best, interval=10)
    watch.save(Fit(build()))
    assert watch._due == pytest.approx(2.0 + 200.0)


def test_evaluations_count_for_the_clock(
    build: Build, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, best = [0.0], KeepBest(run)
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    class Slow(Callback):
        """An evaluation of 6 seconds after every epoch."""

        def epoch(self, fit: Fit, record: dict[str, float]) -> None:
            now[0] += 6.0

    saved: list[int] = []
    monkeypatch.setattr(
        RunDirectory, "write_checkpoint", lambda _, tensors, numbers: saved.append(numbers["epoch"])
    )
    Fit(build(5), [Slow(), best, Checkpoints(run, best, interval=10)]).run()
    assert saved == [1, 3, 5, 5]


def test_a_state_with_no_number_replaces_nothing(
    build: Build, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 0.0)  # always due

    class Spoil(Callback):
        def epoch(self, fit: Fit, record: dict[str, float]) -> None:
            if fit.progress.epoch == 2:
                next(fit.experiment.objective.parameters()).data[0, 0] = float("inf")

    best = KeepBest(run)
    fit = Fit(build(3), [best, Spoil(), Checkpoints(run, best, interval=0)])
    with pytest.raises(Diverged, match="at step 8"):
        fit.run()
    found = run.checkpoint()
    assert found is not None
    assert found[1]["step"] < 8
    assert all(t.isfinite().all() for t in found[0].values() if t.is_floating_point())


def test_a_loss_that_is_no_number_is_named(build: Build, run: RunDirectory) -> None:
    built, closed = build(3), []
    built.optimizers["network"].lr.fill_(float("nan"))

    class Close(Callback):
        def close(self) -> None:
            closed.append(True)

    best = KeepBest(run)
    with pytest.raises(Diverged, match="loss of 'network' is no longer a number at step 4"):
        Fit(built, [Close(), best, Checkpoints(run, best, interval=1e9)]).run()
    assert closed
    assert run.checkpoint() is None


def test_torch_is_left_as_it_was(build: Build, run: RunDirectory) -> None:
    """None of the callbacks draws from the training's generator."""
    best = KeepBest(run)
    Fit(build(1), []).run()
    alone = torch.get_rng_state()
    Fit(build(1), [best, Journal(run), Checkpoints(run, best, interval=0)]).run()
    assert torch.equal(alone, torch.get_rng_state())
