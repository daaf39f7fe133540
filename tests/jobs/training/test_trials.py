"""Trials: planned before the first, a line for each, gone on with after a kill, chosen once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.display.console import Display
from handloom.engine.loop import Diverged
from handloom.errors import UserError
from handloom.jobs import classifier as classifier_folder
from handloom.jobs.job import Job
from handloom.jobs.training.preparation import prepare
from handloom.jobs.training.trials import Choice, Result, Search, Trial, best_metrics, run_trials
from handloom.runs.directory import RunDirectory

PLAN = [Trial("slow", {"lr": 1e-4}), Trial("fast", {"lr": 0.5}), Trial("faster", {"lr": 1.0})]
QUIET = Display(quiet=True)


def best(results: Sequence[Result]) -> Choice:
    winner = max(results, key=lambda result: result.metrics["valid/accuracy"])
    return Choice(winner.trial.options, f"{winner.trial.name} has the best accuracy")


def search(run: Callable[[Trial], dict[str, float]]) -> Search:
    return Search(PLAN, run, best, "abc")


def test_a_killed_search_goes_on_after_the_last_finished_trial(tmp_path: Path) -> None:
    directory, tried = RunDirectory.create(tmp_path / "run", "classifier", "digits"), []

    def run(trial: Trial) -> dict[str, float]:
        tried.append(trial.name)
        if tried == ["slow", "fast"]:
            raise RuntimeError("killed")
        return {"valid/accuracy": trial.options["lr"]}

    with pytest.raises(RuntimeError, match="killed"):
        run_trials(search(run), directory, QUIET)
    choice = run_trials(search(run), directory, QUIET)
    assert tried == ["slow", "fast", "fast", "faster"]
    assert choice.options == {"lr": 1.0}
    names = [line["trial"]["name"] for line in directory.trials()]
    assert names == ["slow", "fast", "faster"]


def test_half_a_line_does_not_count(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", "classifier", "digits")
    whole = {"trial": {"name": "slow", "options": {}, "fold": None}, "metrics": {}, "seconds": 1}
    lines = json.dumps(whole) + '\n{"trial": {"name": "fa'
    (directory.path / "trials.jsonl").write_text(lines, encoding="utf-8")
    assert [line["trial"]["name"] for line in directory.trials()] == ["slow"]


def test_a_trial_after_half_a_line_is_kept(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", "classifier", "digits")
    (directory.path / "trials.jsonl").write_text('{"trial": {"name": "slo', encoding="utf-8")
    run_trials(search(lambda trial: {"valid/accuracy": trial.options["lr"]}), directory, QUIET)
    assert [line["trial"]["name"] for line in directory.trials()] == ["slow", "fast", "faster"]


def test_every_trial_begins_from_the_seed(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", "classifier", "digits")
    drawn: list[float] = []

    def run(trial: Trial) -> dict[str, float]:
        drawn.append(torch.rand(1).item())
        return {"valid/accuracy": 0.5}

    run_trials(search(run), directory, QUIET, seed=3)
    assert len(set(drawn)) == 1


def failing(name: str) -> Callable[[Trial], dict[str, float]]:
    def run(trial: Trial) -> dict[str, float]:
        if trial.name == name or name == "all":
            raise Diverged(f"the loss of '{trial.name}' is no longer a number at step 3")
        return {"valid/accuracy": trial.options["lr"]}

    return run


def test_a_trial_that_fails_is_recorded_and_not_chosen(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", "classifier", "digits")
    for _ in range(2):  # the second time all are read
        assert run_trials(search(failing("faster")), directory, QUIET).options == {"lr": 0.5}
    errors = [line["error"] for line in directory.trials()]
    assert errors == [None, None, "the loss of 'faster' is no longer a number at step 3"]


def test_where_all_trials_fail_the_first_says_why(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", "classifier", "digits")
    with pytest.raises(UserError, match="no trial succeeded; the first: the loss of 'slow'"):
        run_trials(search(failing("all")), directory, QUIET)
    assert directory.status()["status"] == "failed"


def test_a_metric_that_is_undefined_at_first_is_not_the_best() -> None:
    prepared = prepare("classifier", "digits", {"network": "mlp", "epochs": 2}, QUIET)
    prepared.resolve()
    built = prepared.build()
    objective, epochs = built.experiment.objective, list[int]()
    whole = objective.metrics

    def undefined(outputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        epochs.append(1)
        value = whole(outputs)
        return value if len(epochs) > 1 else value | {"accuracy": torch.tensor(float("nan"))}

    objective.metrics = undefined  # type: ignore[method-assign]
    assert best_metrics(built)["valid/accuracy"] > 0.5


def test_where_the_last_epoch_counts_nothing_else_is_evaluated() -> None:
    prepared = prepare("classifier", "digits", {"network": "mlp", "epochs": 3}, QUIET)
    prepared.resolve()
    built = prepared.build()
    built.experiment.monitor = None
    objective, sizes = built.experiment.objective, list[int]()
    whole = objective.metrics

    def counted(outputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        sizes.append(len(outputs["label"]))
        return whole(outputs)

    objective.metrics = counted  # type: ignore[method-assign]
    assert best_metrics(built)["valid/accuracy"] > 0.5
    assert len(sizes) == 1


def test_a_trial_is_a_real_training_and_reports_its_best_epoch() -> None:
    prepared = prepare("classifier", "digits", {"network": "mlp", "epochs": 2}, QUIET)
    prepared.resolve()
    slow = best_metrics(prepared.build(replace(prepared.config, lr=1e-5)))
    fast = best_metrics(prepared.build(replace(prepared.config, lr=0.5)))
    assert fast["valid/accuracy"] > slow["valid/accuracy"] + 0.3
    assert not any(name.startswith("train/") for name in fast)


@pytest.fixture
def searching(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gives the classifier a search over rates; the names of the trials that were run."""
    tried: list[str] = []

    def propose(config: Any, loaded: Any, device: Any, report: Any) -> Search:
        resolved = job.resolve(config, loaded)

        def run(trial: Trial) -> dict[str, float]:
            tried.append(trial.name)
            return best_metrics(job.build(replace(resolved, **trial.options), loaded, device))

        return Search(PLAN, run, best, loaded.fingerprint)

    job: Job = replace(classifier_folder.JOB, search=propose)
    monkeypatch.setattr(classifier_folder, "JOB", job)
    return tried


def test_plan_results_and_choice_are_recorded(searching: list[str], tmp_path: Path) -> None:
    run = handloom.train(
        "classifier", "digits", out=tmp_path / "run", network="mlp", epochs=2, quiet=True
    )
    assert searching == ["slow", "fast", "faster"]
    assert [trial["name"] for trial in run.config["trials"]] == searching
    assert run.config["choice"]["options"]["lr"] == run.config["options"]["lr"] >= 0.5
    assert "best accuracy" in run.config["choice"]["reason"]
    assert run.finished


def test_stopped_within_its_trials_a_run_resumes_by_its_plan(
    searching: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(directory: RunDirectory, record: dict[str, Any]) -> None:
        written(directory, record)
        if len(directory.trials()) == 2:
            raise RuntimeError("killed")

    written = RunDirectory.append_trial
    with monkeypatch.context() as patch:
        patch.setattr(RunDirectory, "append_trial", killed)
        with pytest.raises(RuntimeError, match="killed"):
            handloom.train(
                "classifier", "digits", out=tmp_path / "run", network="mlp", epochs=2, quiet=True
            )
    with pytest.raises(UserError, match=r"epochs=9: .* was stopped in its trials"):
        handloom.resume(tmp_path / "run", epochs=9, quiet=True)
    for verb in (handloom.Run.evaluate, handloom.Run.report):  # there are no sizes of networks yet
        with pytest.raises(UserError, match="no trained networks yet"):
            verb(handloom.open(tmp_path / "run"))
    with monkeypatch.context() as patch:
        patch.setattr(handloom, "__version__", "9.9.9")
        with pytest.raises(UserError, match=r"by another version of Handloom \(0.*than 9.9.9: re"):
            handloom.resume(tmp_path / "run", quiet=True)
    run = handloom.resume(tmp_path / "run", quiet=True)
    assert searching == ["slow", "fast", "faster"]
    assert run.finished
    whole = handloom.train(
        "classifier", "digits", out=tmp_path / "whole", network="mlp", epochs=2, quiet=True
    )
    assert run.metrics[-1]["valid/loss"] == whole.metrics[-1]["valid/loss"]


def test_a_search_that_was_killed_still_begins_from_the_other_run(
    searching: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = handloom.train(
        "classifier", "digits", out=tmp_path / "first", network="mlp", epochs=1, quiet=True
    )

    def killed(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(RunDirectory, "append_trial", killed)
        with pytest.raises(RuntimeError, match="killed"):
            handloom.train(
                "classifier", "digits", out=tmp_path / "run", from_run=first.path,
                network="mlp", epochs=1, quiet=True,
            )  # fmt: skip
    run = handloom.resume(tmp_path / "run", quiet=True)
    assert str(first.path) in run.config["from"]
