"""Stages and cycles through train and resume: schedules anew, exact resume, closed forms."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.engine.loop import Callback, Experiment, Fit
from handloom.engine.optim import SGD
from handloom.engine.schedule import make, scheduled_lr
from handloom.errors import UserError
from handloom.jobs import classifier as classifier_folder
from handloom.jobs.training.stage import Built, Stage
from handloom.jobs.training.stages import Stages
from handloom.runs.directory import RunDirectory
from tests.jobs import tuning as tuning_job

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
                fit.progress.interrupted = True

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
    page = (run.path / "report.html").read_text("utf-8")
    assert " --out again\nhandloom resume again --epochs 6\n" in page
    # At the end of the first cycle the rate is a hundredth; only a new cycle learns so much more.
    assert run.metrics[-1]["valid/loss"] < 0.8 * end


def test_a_cycle_that_is_stopped_goes_on_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"epochs": 2, "device": "cpu"}  # on a card sums have no fixed order
    whole, cut = train(tmp_path / "whole", **options).path, train(tmp_path / "cut", **options).path
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
    with pytest.raises(UserError, match=r"epochs=2: .* is planned for 3 epochs"):
        handloom.resume(path, epochs=2, quiet=True)
    handloom.resume(path, quiet=True)
    with pytest.raises(UserError, match=r"epochs=3: .* has 3 epochs already"):
        handloom.resume(path, epochs=3, quiet=True)


def test_a_total_that_is_planned_already_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = train(tmp_path / "run", epochs=1).path
    with monkeypatch.context() as patch:
        stop_at(patch, RunDirectory(path).metrics()[-1]["step"] + 3)
        run = handloom.resume(path, epochs=2, quiet=True)
    assert run.evaluation is None  # that of the first cycle is not of these networks
    run = handloom.resume(path, epochs=2, quiet=True)
    assert run.finished
    assert [stage["epochs"] for stage in run.config["stages"]] == [1, 1]
    assert run.evaluation is not None


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
def tuning(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The classifier is a head that is solved, then a training; names of what was built, solved."""
    events: list[str] = []

    def build(config: Any, data: Any, device: torch.device) -> Built:
        built = tuning_job.build(config, data, device)
        return replace(built, stages=[watched(stage) for stage in built.stages])

    def watched(stage: Stage) -> Stage:
        def build(previous: Experiment | None) -> Experiment:
            events.append(f"built {stage.name}")
            time.sleep(0.05 if stage.name == "head" else 0.0)
            return stage.build(previous)

        def solve(experiment: Experiment) -> None:
            assert not experiment.objective.training
            events.append(f"solved {stage.name}")
            assert stage.solve is not None
            time.sleep(0.05)
            stage.solve(experiment)

        return replace(stage, build=build, solve=solve if stage.solve else None)

    job = replace(tuning_job.JOB, build=build, search=None)
    monkeypatch.setattr(classifier_folder, "JOB", job)
    return events


def test_every_stage_is_built_once_and_solved_once(
    tuning: list[str], shapes: Path, tmp_path: Path
) -> None:
    run = handloom.train("classifier", shapes, out=tmp_path / "run", epochs=2, quiet=True)
    assert tuning == ["built head", "solved head", "built everything"]
    assert [line["epoch"] for line in run.metrics] == [0, 1, 2]
    assert run.config["stages"][0] == {"name": "head", "epochs": 0}
    assert run.metrics[0]["seconds"] >= 0.1, "features and closed form are training too"


def test_a_closed_form_counts_for_the_best(tuning: list[str], shapes: Path, tmp_path: Path) -> None:
    run = handloom.train("classifier", shapes, out=tmp_path / "run", epochs=1, lr=0.0, quiet=True)
    assert RunDirectory(run.path).status()["best_epoch"] == 0


def test_a_closed_form_that_is_done_is_not_solved_again(
    tuning: list[str], shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        cut = handloom.train("classifier", shapes, out=tmp_path / "cut", epochs=3, quiet=True).path
    handloom.resume(cut, quiet=True)
    assert tuning.count("solved head") == 1


def test_ctrl_c_in_a_closed_form_stops_the_run(
    tuning: list[str], shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tuning_job, "solve", interrupted)
        with pytest.raises(KeyboardInterrupt):
            handloom.train("classifier", shapes, out=tmp_path / "run", epochs=1, quiet=True)
    assert RunDirectory(tmp_path / "run").status()["status"] == "stopped"
    assert handloom.resume(tmp_path / "run", quiet=True).finished


def two_trainings(monkeypatch: pytest.MonkeyPatch, epochs: tuple[int, int], lr: float) -> None:
    """Gives the classifier a second stage, which trains the same network at the rate `lr`."""

    def build(config: Any, data: Any, device: torch.device) -> Built:
        built = job.build(config, data, device)

        def second(previous: Experiment | None) -> Experiment:
            experiment = built.experiment if previous is None else previous
            optimizer = SGD(list(experiment.objective.get_submodule("network").parameters()), lr)
            scheduled = scheduled_lr(optimizer, make("constant"))
            return replace(experiment, optimizers={"network": optimizer}, scheduled=scheduled)

        first = Stage("first", epochs[0], lambda previous: built.experiment)
        return Built([first, Stage("second", epochs[1], second)], built.record)

    job = classifier_folder.JOB
    monkeypatch.setattr(classifier_folder, "JOB", replace(job, build=build))


PATIENT: dict[str, Any] = dict(
    patience=2, ema_decay=0.0, lr=0.4, schedule="constant", epochs=30, translate=0
)


def test_every_stage_has_the_patience_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_trainings(monkeypatch, (30, 6), 1e-6)  # the second cannot get better
    run = train(tmp_path / "run", **PATIENT)
    first = RunDirectory(run.path).status()["best_epoch"] + 2
    assert first < 30
    assert len(run.metrics) == first + 2


def test_a_stage_that_ended_by_itself_has_ended_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_trainings(monkeypatch, (30, 6), 1e-3)
    whole = train(tmp_path / "whole", **PATIENT)
    stage, begun = Stages._stage, []

    def killed(stages: Stages, *arguments: Any) -> Any:
        begun.append(arguments)
        if len(begun) == 2:
            raise RuntimeError("killed")
        return stage(stages, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Stages, "_stage", killed)
        with pytest.raises(RuntimeError, match="killed"):
            train(tmp_path / "cut", **PATIENT)
    run = handloom.resume(tmp_path / "cut", quiet=True)
    assert [line["epoch"] for line in run.metrics] == [line["epoch"] for line in whole.metrics]
    mine, theirs = weights(run.path), weights(whole.path)
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def test_a_cycle_has_all_of_the_patience(tmp_path: Path) -> None:
    run = train(tmp_path / "run", **PATIENT)
    done = run.metrics[-1]["epoch"]
    assert done < 30
    run = handloom.resume(run.path, epochs=done + 10, quiet=True)
    best = RunDirectory(run.path).status()["best_epoch"]
    assert run.metrics[-1]["epoch"] == min(done + 10, max(best, done) + 2)


def test_a_last_stage_in_closed_form_takes_no_more_epochs(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(config: Any, data: Any, device: torch.device) -> Built:
        built = tuning_job.build(config, data, device)
        return replace(built, stages=[replace(built.stages[0], remedy="--tune all")])

    job = replace(tuning_job.JOB, build=build, search=None)
    monkeypatch.setattr(classifier_folder, "JOB", job)
    run = handloom.train("classifier", shapes, out=tmp_path / "run", quiet=True)
    before = run.config, run.evaluation
    with pytest.raises(UserError, match=r"'head', is solved.*: train with tune all"):
        handloom.resume(run.path, epochs=9, quiet=True)
    assert (run.config, run.evaluation) == before
