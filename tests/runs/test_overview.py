"""`handloom runs`: all runs side by side."""

import json
import os
import shutil
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import pytest

import handloom
from handloom.cli.main import main
from handloom.runs.directory import RunDirectory
from handloom.runs.overview import overview, summary, unfinished

OPTIONS = {"network": "mlp", "lr": 0.1, "epochs": 10, "minutes": None, "clip": None}


def written(
    path: Path, job: str = "classifier", data: str = "digits", **options: Any
) -> RunDirectory:
    """A run that never trained."""
    run = RunDirectory.create(path, job, data)
    run.write_config({"job": job, "data": data, "epochs": 10, "options": OPTIONS | options})
    return run


def test_the_first_epoch_takes_time_too(tmp_path: Path) -> None:
    run = written(tmp_path / "r")
    run.write_status({"status": "running"})
    began = time.time() - 90
    os.utime(run.path / "status.json", (began, began))
    with run.lock():
        assert summary(run)["minutes"] == pytest.approx(1.5, abs=0.1)
        run.append_metrics({"epoch": 1, "seconds": 80.0})
        assert summary(run)["minutes"] == 1.33
    assert summary(written(tmp_path / "other"))["minutes"] == 0.0  # nobody trains it


def test_a_run_that_trains_on_says_so(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "r")
    run.path.mkdir()
    run.write_config(cast(Any, {"job": "classifier", "data": "d", "options": {}, "epochs": 60}))
    run.append_metrics({"epoch": 49, "seconds": 1.0, "valid/accuracy": 0.5})
    run.write_status({"status": "stopped"})
    row = summary(run)
    assert (row["metrics"], row.get("interim")) == ({"accuracy": 0.5}, True)
    sentence = unfinished(run)
    assert sentence is not None
    assert "is not finished (stopped, epoch 49 of 60)" in sentence
    run.write_status({"status": "running"})
    with run.lock():
        assert "is still running (epoch 49 of 60)" in str(unfinished(run))
    run.write_status({"status": "finished"})
    run.write_evaluation(cast(Any, {"accuracy": 0.6}))
    assert unfinished(run) is None
    assert "interim" not in summary(run)


def test_runs_and_what_they_differ_in(
    digits_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(digits_run, tmp_path / "a")
    handloom.train("classifier", "digits", network="mlp", epochs=1, out=tmp_path / "b", quiet=True)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "config.json").write_text("[]")
    assert main(["runs", str(tmp_path), "--json"]) == 0
    runs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(run["run"]).name for run in runs] == ["a", "b", "c"]
    assert (runs[0]["differs"], runs[1]["differs"]) == ({"network": "resnet"}, {"network": "mlp"})
    assert (runs[0]["epochs"], runs[0]["planned"], runs[0]["status"]) == (3, 3, "finished")
    assert 0 < runs[1]["metrics"]["accuracy"] < 1
    assert runs[2]["status"] == "damaged"
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["runs", tmp_path.name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["run", "data", "status", "epochs", "accuracy", "minutes"]
    assert lines[1].split()[:4] == ["a", "digits", "finished", "3/3"]
    assert lines[2] == "    network resnet"
    assert lines[4] == "    network mlp"
    assert lines[5].split()[:2] == ["c", "damaged"]
    assert max(map(len, lines[:5])) <= 80


def test_only_runs_of_one_kind_are_compared(tmp_path: Path) -> None:
    written(tmp_path / "a")
    written(tmp_path / "b", lr=0.2, epochs=20, clip=1.0)
    written(tmp_path / "c", network="cnn", lr=0.3)
    written(tmp_path / "d", data="mnist", lr=0.4)
    written(tmp_path / "e", job="char-rnn", network=None, cell="gru")
    found = {Path(run["run"]).name: run["differs"] for run in overview(tmp_path)}
    assert found == {
        "a": {"network": "mlp", "lr": 0.1},
        "b": {"network": "mlp", "lr": 0.2, "clip": 1.0},
        "c": {"network": "cnn"},
        "d": {"network": "mlp"},
        "e": {},
    }


def test_epochs_are_those_done_of_those_planned(tmp_path: Path) -> None:
    run = written(tmp_path / "a")
    run.append_metrics({"epoch": 4, "seconds": 30.0})
    run.write_config(run.config() | {"epochs": 12})  # as `resume --epochs 12` does
    (found,) = overview(tmp_path)
    assert (found["epochs"], found["planned"], found["minutes"]) == (4, 12, 0.5)


def test_minutes_are_those_of_trials_too(tmp_path: Path) -> None:
    """A head is chosen by trials and then solved: an epoch's seconds alone would be none."""
    run = written(tmp_path / "a")
    for number in range(2):
        run.append_trial({"trial": {"name": str(number)}, "seconds": 45.0})
    assert overview(tmp_path)[0]["minutes"] == 1.5
    run.append_metrics({"epoch": 0, "seconds": 30.0})
    assert overview(tmp_path)[0]["minutes"] == 2.0


def test_a_killed_run_is_told_from_one_that_runs(tmp_path: Path) -> None:
    run = written(tmp_path / "a")
    assert overview(tmp_path)[0]["status"] == "killed"
    assert not (run.path / ".lock").exists()  # looking leaves nothing behind
    with run.lock():
        assert overview(tmp_path)[0]["status"] == "running"
    assert overview(tmp_path)[0]["status"] == "killed"
    run.write_status({"status": "stopped"})
    assert overview(tmp_path)[0]["status"] == "stopped"


def test_a_run_that_is_being_evaluated_runs(tmp_path: Path) -> None:
    """Only where the process is gone is it trained and not evaluated, and can be resumed."""
    run = written(tmp_path / "a")
    run.write_status({"status": "trained"})
    with run.lock():
        assert overview(tmp_path)[0]["status"] == "running"
    assert overview(tmp_path)[0]["status"] == "trained"


def test_looking_does_not_keep_a_writer_away(tmp_path: Path) -> None:
    """A killed run is resumed while `handloom runs` looks at it all the time."""
    run, over = written(tmp_path / "a"), Event()

    def look() -> None:
        while not over.is_set():
            overview(tmp_path)

    watcher = Thread(target=look)
    watcher.start()
    try:
        for _ in range(30):
            with run.lock():
                pass
    finally:
        over.set()
        watcher.join()


def test_looking_removes_nothing(tmp_path: Path) -> None:
    run = written(tmp_path / "a")
    (run.path / ".lock").touch()
    part = run.path / ".part-1"
    part.touch()
    os.utime(part, (0, 0))
    overview(tmp_path)
    assert part.exists()


def test_a_run_itself_may_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a").path
    assert main(["runs", str(path)]) == 0
    assert str(path) in capsys.readouterr().out


def test_repeated_runs_are_one_line(tmp_path: Path) -> None:
    from handloom.runs.repeats import RepeatsDirectory

    written(tmp_path / "a")
    (tmp_path / "r").mkdir()
    RepeatsDirectory(tmp_path / "r").write_plan({"seeds": [0, 1, 2]})
    written(tmp_path / "r" / "10", seed=10)
    for number, accuracy in ((1, 0.5), (2, 0.7)):
        run = written(tmp_path / "r" / str(number), seed=number)
        run.write_status({"status": "finished"})
        run.write_evaluation({"accuracy": accuracy, "split": "test"})
    alone, repeated = overview(tmp_path)
    assert Path(alone["run"]).name == "a"
    assert (repeated["run"], repeated["status"]) == (str(tmp_path / "r"), "2 of 3 runs")
    assert repeated["metrics"]["accuracy"] == pytest.approx(0.6)
    assert repeated["metrics"]["accuracy_std"] == pytest.approx(0.02**0.5)
    assert [Path(run["run"]).name for run in repeated["runs"]] == ["1", "2", "10"]
    assert {Path(run["run"]).name for run in overview(tmp_path / "r")} == {"1", "2", "10"}


def test_figures_that_are_optimistic_are_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, more in (("a", {}), ("b", {"optimistic": True, "optimistic_because": ["why"]})):
        run = written(tmp_path / name)
        run.write_evaluation({"accuracy": 0.9, "own_data": True} | more)
        run.write_status({"status": "finished"})
    first, second = overview(tmp_path)
    assert "optimistic" not in first
    assert second["optimistic"] == ["why"]
    assert first["metrics"] == second["metrics"] == {"accuracy": 0.9}
    assert main(["runs", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "90.00 %    " in lines[1]
    assert "90.00 % *  " in lines[2]
    assert lines[1].index("90.00 %") == lines[2].index("90.00 %")
    assert lines[3].startswith("* optimistic: ")


def test_a_run_was_begun_when_its_config_says(tmp_path: Path) -> None:
    for name, hour in (("late", 12), ("early", 11)):
        run = written(tmp_path / name)
        created: dict[str, Any] = {"created": f"2026-11-27T{hour}:00:00+0100"}
        config: dict[str, Any] = dict(run.config())
        run.write_config(config | created if name == "late" else created | config)  # as it was once
    os.utime(written(tmp_path / "without").path / "config.json", (10, 10))
    rows = overview(tmp_path)
    assert [Path(row["run"]).name for row in rows] == ["without", "early", "late"]
    assert rows[0]["created"] == 10
    assert rows[2]["created"] - rows[1]["created"] == 3600


def test_a_config_says_when_it_was_begun_before_what_the_network_needs(digits_run: Path) -> None:
    names = list(RunDirectory.open(digits_run).config())
    assert names.index("created") < names.index("options")
