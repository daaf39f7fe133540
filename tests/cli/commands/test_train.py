"""train and resume: what they print, their status, and what a run that is stopped says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handloom.runs.directory import RunDirectory

MLP = ("classifier", "digits", "--network", "mlp")


def test_results_go_to_standard_output_and_the_rest_to_standard_error(
    typed: Callable[..., Any], tmp_path: Path
) -> None:
    made = typed("train", *MLP, "--epochs", 1, "--out", tmp_path / "run")
    assert made.status == 0
    lines = made.out.splitlines()
    assert lines[0].startswith("test: accuracy ")
    assert all(line.startswith("  ") for line in lines[1:-2])
    assert lines[-2:] == [
        f"report: {tmp_path / 'run' / 'report.html'}",
        f"next: handloom predict {tmp_path / 'run'} IMAGE",
    ]
    assert "epoch 1/1" in made.err


def test_json_is_one_object_the_run_and_its_evaluation(
    typed: Callable[..., Any], tmp_path: Path
) -> None:
    made = typed("train", *MLP, "--epochs", 1, "--out", tmp_path / "run", "--json")
    (record,) = made.records
    evaluation = json.loads((tmp_path / "run" / "evaluation.json").read_text("utf-8"))
    assert record == {"run": str(tmp_path / "run")} | evaluation
    assert {"data", "split", "images", "accuracy", "loss", "calibration"} <= set(record)


def test_without_out_a_run_gets_the_next_number(
    typed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in (1, 2):
        (record,) = typed("train", *MLP, "--epochs", 1, "--json").records
        assert Path(record["run"]) == Path("runs") / f"classifier-digits-{number}"


def test_resume_goes_on_to_a_new_total(typed: Callable[..., Any], tmp_path: Path) -> None:
    run = tmp_path / "run"
    typed("train", *MLP, "--epochs", 1, "--out", run)
    again = typed("resume", run)
    assert again.status == 0
    assert "is finished" in again.err
    more = typed("resume", run, "--epochs", 2, "--json")
    assert more.status == 0
    assert more.records[0]["run"] == str(run)
    assert [line["epoch"] for line in RunDirectory(run).metrics()] == [1, 2]


def test_a_stopped_run_is_status_130_and_says_how_to_go_on(
    typed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C comes as a signal while the first epoch is written down."""
    import signal

    from handloom.engine.callbacks.journal import Journal

    write, run = Journal.epoch, tmp_path / "run"

    def interrupt(self: Journal, fit: Any, record: dict[str, float]) -> None:
        write(self, fit, record)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Journal, "epoch", interrupt)
    stopped = typed("train", *MLP, "--epochs", 3, "--out", run)
    assert (stopped.status, stopped.out) == (130, "")
    assert f"saved; go on with: handloom resume {run}" in stopped.err
    monkeypatch.undo()
    assert typed("resume", run).status == 0
    assert RunDirectory(run).status()["status"] == "finished"


def test_from_another_run(
    typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path
) -> None:
    start, run = trained("classifier"), tmp_path / "run"
    assert typed("train", *MLP, "--epochs", 1, "--from", start, "--out", run).status == 0
    assert "from" in RunDirectory(run).config()


@pytest.mark.parametrize("words", [("train",), ("train", "--epochs", "3")])
def test_the_job_is_asked_for(words: tuple[str, ...], typed: Callable[..., Any]) -> None:
    refused = typed(*words)
    assert refused.status == 2
    assert "needs a job first" in refused.err


def test_repeated_trainings(typed: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "r"
    asked = ("classifier", "digits", "--network", "mlp", "--epochs", 1, "--out", out)
    made = typed("train", *asked, "--repeats", 2)
    assert made.status == 0
    assert "seeds 0 to 1" in made.err
    assert made.out.splitlines()[-1].startswith("accuracy: mean ")
    (record,) = typed("resume", out, "--json").records
    assert record["metrics"]["accuracy"]["n"] == 2
    longer = typed("resume", out, "--epochs", 3)
    assert (longer.status, longer.out) == (2, "")
    assert "holds repeated runs, whose plan is fixed" in longer.err
    assert "2 of 2 runs" in typed("runs", tmp_path).out
    assert typed("train", *asked, "--repeats", 1).status == 2
