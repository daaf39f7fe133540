"""Stages and cycles through train and resume: schedules anew, exact resume, closed forms."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.display.console import Display
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.errors import UserError
from handloom.jobs import classifier as classifier_folder
from handloom.jobs.preparation import prepare
from handloom.jobs.stage import Built, Stage
from handloom.runs.directory import RunDirectory

OPTIONS: dict[str, Any] = {"network": "mlp", "quiet": True}


def weights(path: Path) -> dict[str, torch.Tensor]:
    return RunDirectory(path).networks()["network"]


def train(out: Path, **options: Any) -> handloom.Run:
    return handloom.train("classifier", "digits", out=out, **OPTIONS, **options)


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Stop the next training, as Ctrl-C does, after so many steps in all."""
    whole = Fit.__init__

    class Stop(Callback):
        def step(self, fit: Fit) -> None:
            if fit.progress.step == step:
                fit.progress.stop = "interrupted"

    def watched(fit: Fit, experiment: Experiment, callbacks: Any = (), *rest: Any) -> None:
        whole(fit, experiment, [Stop(), *callbacks], *rest)

    monkeypatch.setattr(Fit, "__init__", watched)


def test_a_larger_total_is_a_new_cycle_of_the_schedule(tmp_path: Path) -> None:
    run = train(tmp_path / "run", epochs=2)
    end = run.metrics[-1]["valid/loss"]
    run = handloom.resume(run.path, epochs=6, quiet=True)
    assert run.config["stages"] == [
        {"name": "train", "epochs": 2},
        {"name": "cycle 2", "epochs": 4},
    ]
    assert run.config["epochs"] == 6
    assert [line["epoch"] for line in run.metrics] == [1, 2, 3, 4, 5, 6]
    # At the end of the first cycle the rate is a hundredth; only a new cycle learns so much more.
    assert run.metrics[-1]["valid/loss"] < 0.8 * end


def test_a_cycle_that_is_stopped_goes_on_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cut = train(tmp_path / "whole", epochs=2).path, train(tmp_path / "cut", epochs=2).path
    steps = RunDirectory(cut).metrics()[-1]["step"]
    handloom.resume(whole, epochs=4, quiet=True)
    with monkeypatch.context() as patch:
        stop_at(patch, steps + 3)
        assert not handloom.resume(cut, epochs=4, quiet=True).finished
    assert handloom.resume(cut, quiet=True).finished
    mine, theirs = weights(cut), weights(whole)
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def test_totals_that_add_nothing_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 3)
        path = train(tmp_path / "run", epochs=3).path
    with pytest.raises(UserError, match=r"--epochs 2: .* is planned for 3 epochs"):
        handloom.resume(path, epochs=2, quiet=True)
    handloom.resume(path, quiet=True)
    with pytest.raises(UserError, match=r"--epochs 3: .* has 3 epochs already"):
        handloom.resume(path, epochs=3, quiet=True)


def test_killed_before_its_evaluation_a_run_is_not_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(RunDirectory, "write_evaluation", killed)
        with pytest.raises(RuntimeError, match="killed"):
            train(tmp_path / "run", epochs=1)
    run = handloom.open(tmp_path / "run")
    assert (run.finished, run.evaluation) == (False, None)
    run = handloom.resume(run.path, quiet=True)
    assert run.finished
    assert run.evaluation is not None
    assert len(run.metrics) == 1


@pytest.fixture
def two_stages(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Gives the classifier a closed-form stage before its training: a bias by class frequency."""
    solved: list[float] = []

    def build(config: Any, data: Any, device: torch.device) -> Built:
        built = job.build(config, data, device)

        def solve(experiment: Experiment) -> None:
            bias = experiment.networks["network"].get_parameter("head.bias")
            with torch.no_grad():
                bias.copy_(torch.bincount(data.train.label).float().log())
            solved.append(bias.sum().item())

        head = Stage("head", 0, lambda previous: replace(built.experiment, epochs=0), solve=solve)
        rest = Stage("train", built.stages[0].epochs, lambda previous: built.experiment)
        return Built([head, rest], built.record)

    job = classifier_folder.JOB
    monkeypatch.setattr(classifier_folder, "JOB", replace(job, build=build))
    return solved


def test_a_closed_form_comes_first_and_counts_for_the_best(
    two_stages: list[float], tmp_path: Path
) -> None:
    run = train(tmp_path / "run", epochs=2)
    assert len(two_stages) == 1
    assert [line["epoch"] for line in run.metrics] == [0, 1, 2]
    assert run.config["stages"][0] == {"name": "head", "epochs": 0}
    useless = train(tmp_path / "useless", epochs=1, lr=0.0)
    assert json.loads((useless.path / "status.json").read_text())["best_epoch"] == 0


def test_a_closed_form_that_is_done_is_not_solved_again(
    two_stages: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(tmp_path / "whole", epochs=2).path
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        cut = train(tmp_path / "cut", epochs=2).path
    handloom.resume(cut, quiet=True)
    assert len(two_stages) == 2
    mine, theirs = weights(cut), weights(whole)
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def test_everything_shown_before_a_training_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    prepared = prepare("classifier", "digits", {"network": "mlp"}, Display(quiet=True))
    prepared.resolve()
    from handloom.display.training import announce_data, announce_networks, announce_training

    built, display = prepared.build(), Display(stderr=True)
    announce_data(display, "digits", built.record, ["a [bold]note[/bold] with \x1b[31m"])
    announce_networks(display, built.experiment, built.example)
    announce_training(display, built.experiment, [("head", 0), ("all", 3)], Path("runs/[x]"))
    shown = capsys.readouterr().err
    for part in (
        "in 10 classes",
        "a [bold]note[/bold] with \\x1b[31m",
        "head 0, all 3",
        "runs/[x]",
    ):
        assert part in shown
