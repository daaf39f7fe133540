"""A run that is killed after any of its writes ends as one that was not."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.engine.callbacks.checkpoints import Checkpoints
from handloom.engine.loop import Fit
from handloom.jobs import classifier as classifier_folder
from handloom.jobs.loading import Loaded
from handloom.runs.directory import RunDirectory
from tests.jobs.tuning import JOB

PLAIN = classifier_folder.JOB
OPTIONS: dict[str, Any] = {"epochs": 3, "patience": 2, "quiet": True}
SMALL: dict[str, Any] = {"network": "mlp", "epochs": 1, "quiet": True}
WRITES = ("_write", "append_metrics", "append_trial")


class Killed(BaseException):
    """As by kill -9: nothing of the package catches it."""


def written(run: Loaded[Any]) -> str:
    """What the report writes, without drawing it, which takes longer than all that leads to it."""
    run.directory.write_mistakes("")
    return ""


@pytest.fixture(autouse=True)
def tuning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job of two stages and trials, with a checkpoint after every step."""
    monkeypatch.setattr(classifier_folder, "JOB", replace(JOB, report=written))
    save = Checkpoints.save

    def saved(watch: Checkpoints, fit: Fit) -> None:
        save(watch, fit)
        watch._due = 0.0

    def due(watch: Checkpoints, fit: Fit) -> None:
        watch._due = 0.0

    monkeypatch.setattr(Checkpoints, "save", saved)
    monkeypatch.setattr(Checkpoints, "start", due)


def kill_after(monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    """Kill after so many writes."""
    count = 0

    def counted(write: Callable[..., None]) -> Callable[..., None]:
        def killing(directory: RunDirectory, *arguments: Any) -> None:
            nonlocal count
            write(directory, *arguments)
            count += 1
            if count == writes:
                raise Killed

        return killing

    for name in WRITES:
        monkeypatch.setattr(RunDirectory, name, counted(vars(RunDirectory)[name]))


def result(path: Path) -> tuple[dict[str, Any], ...]:
    """What must be the same: trials, metrics, plan, choice, evaluation, best epoch."""
    run, unequal = RunDirectory(path), ("seconds", "samples_per_second")
    lines = [*run.trials(), *run.metrics()]
    config, status = run.config(), run.status()
    return (
        *({k: v for k, v in line.items() if k not in unequal} for line in lines),
        {k: config[k] for k in ("stages", "epochs", "choice")},
        {k: v for k, v in status.items() if k not in unequal},
        run.evaluation() or {},
    )


def weights(path: Path) -> dict[str, torch.Tensor]:
    return RunDirectory(path).networks()["network"]


def assert_same(path: Path, whole: Path) -> None:
    assert result(path) == result(whole)
    mine, theirs = weights(path), weights(whole)
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def finish(path: Path) -> bool:
    """Go on with a run; False where it was killed before there was one."""
    torch.manual_seed(99)
    if not (path / "config.json").exists():
        return False
    handloom.resume(path, quiet=True)
    return True


@pytest.mark.slow
def test_a_training(shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = handloom.train("classifier", shapes, out=tmp_path / "whole", **OPTIONS).path
    assert [stage["name"] for stage in RunDirectory(whole).config()["stages"]] == [
        "head", "everything",
    ]  # fmt: skip
    writes, killed = 0, True
    while killed:
        writes, path, killed = writes + 1, tmp_path / f"{writes}", False
        with monkeypatch.context() as patch:
            kill_after(patch, writes)
            try:
                handloom.train("classifier", shapes, out=path, **OPTIONS)
            except Killed:
                killed = True
        if finish(path):
            assert_same(path, whole)
    assert writes > 20


@pytest.mark.slow
def test_a_cycle(shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = handloom.train(
        "classifier", shapes, out=tmp_path / "begun", **OPTIONS | {"epochs": 1}
    ).path
    whole = shutil.copytree(begun, tmp_path / "whole")
    handloom.resume(whole, epochs=3, quiet=True)
    writes, killed = 0, True
    while killed:
        writes, killed = writes + 1, False
        path = shutil.copytree(begun, tmp_path / f"{writes}")
        with monkeypatch.context() as patch:
            kill_after(patch, writes)
            try:
                handloom.resume(path, epochs=3, quiet=True)
            except Killed:
                killed = True
        finish(path)
        if len(RunDirectory(path).config()["stages"]) == 2:  # killed before the plan was written
            assert killed
            handloom.resume(path, epochs=3, quiet=True)
        assert_same(path, whole)
    assert writes > 10


@pytest.fixture(scope="module")
def another(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose weights others begin with."""
    out = tmp_path_factory.mktemp("another") / "run"
    return handloom.train("classifier", shapes, out=out, seed=5, **SMALL).path


@pytest.fixture(scope="module")
def heir(shapes: Path, another: Path) -> Path:
    """A run that began with them and was not killed."""
    out = another.with_name("heir")
    return handloom.train("classifier", shapes, out=out, from_run=another, **SMALL).path


@pytest.mark.parametrize("writes", range(1, 8))
def test_a_training_that_begins_with_another_runs_weights(
    shapes: Path, another: Path, heir: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, writes: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(classifier_folder, "JOB", PLAIN)
    path = tmp_path / "c"
    with monkeypatch.context() as patch:
        kill_after(patch, writes)
        with pytest.raises(Killed):
            handloom.train("classifier", shapes, out=path, from_run=another, **SMALL)
    assert finish(path)
    mine, theirs = weights(path), weights(heir)
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
