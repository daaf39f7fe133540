"""The table of runs: what is sent, how often, and in how much time."""

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.runs.directory import RunDirectory
from handloom.studio import table as module
from handloom.studio.folder import Folder
from handloom.studio.table import RunsTable


def make_run(root: Path, number: int) -> RunDirectory:
    path = root / "runs" / f"classifier-digits-{number}"
    path.mkdir(parents=True)
    run = RunDirectory(path)
    config = {
        "format": 2, "job": "classifier", "data": "digits", "epochs": 5,
        "options": {"network": "mlp", "lr": 0.1 * (number % 3), "seed": number, "epochs": 5},
    }  # fmt: skip
    (path / "config.json").write_text(json.dumps(config))
    (path / "status.json").write_text('{"status": "finished"}')
    evaluation = {"accuracy": 0.9, "interval": [0.85, 0.94]}
    (path / "evaluation.json").write_text(json.dumps(evaluation))
    (path / "metrics.jsonl").write_text('{"epoch": 5, "seconds": 60.0, "valid/accuracy": 0.9}\n')
    return run


def test_rows(tmp_path: Path) -> None:
    make_run(tmp_path, 1)
    make_run(tmp_path, 2)
    table = RunsTable(Folder(tmp_path))
    sent = table.since(0)
    assert sent["total"] == 2
    row = next(row for row in sent["rows"] if row["run"].endswith("-2"))
    assert row["metric"] == {
        "name": "accuracy", "value": 0.9, "text": "90.00 %", "interval": "85.00 % – 94.00 %",
    }  # fmt: skip
    assert row["differs"] == ["lr 0.2", "seed 2"]
    assert row["minutes"] == 1.0
    assert table.since(sent["version"])["rows"] == []


def test_changes_alone_are_sent(tmp_path: Path) -> None:
    first = make_run(tmp_path, 1)
    make_run(tmp_path, 2)
    table = RunsTable(Folder(tmp_path))
    version = table.since(0)["version"]
    (first.path / "evaluation.json").write_text('{"accuracy": 0.95}')
    sent = table.since(version)
    assert [row["metric"]["value"] for row in sent["rows"]] == [0.95]
    for file in first.path.iterdir():
        file.unlink()
    first.path.rmdir()
    sent = table.since(sent["version"])
    assert sent["removed"] == ["runs/classifier-digits-1"]


def test_every_asker_is_told_what_was_removed(tmp_path: Path) -> None:
    run = make_run(tmp_path, 1)
    make_run(tmp_path, 2)
    table = RunsTable(Folder(tmp_path))
    version = table.since(0)["version"]
    shutil.rmtree(run.path)
    for _ in range(2):  # a second page, or one whose first answer was broken off
        assert table.since(version)["removed"] == ["runs/classifier-digits-1"]
    assert table.since(table.since(version)["version"])["removed"] == []
    make_run(tmp_path, 1)
    sent = table.since(version)
    assert sent["removed"] == []
    assert "runs/classifier-digits-1" in {row["run"] for row in sent["rows"]}


def test_a_version_of_a_server_before_gets_all_rows(tmp_path: Path) -> None:
    make_run(tmp_path, 1)
    old = RunsTable(Folder(tmp_path)).since(0)["version"]
    time.sleep(0.01)
    table = RunsTable(Folder(tmp_path))
    table.since(0)
    sent = table.since(old)
    assert sent["whole"]
    assert len(sent["rows"]) == 1


def test_a_damaged_run_and_another_programs_config(tmp_path: Path) -> None:
    run = make_run(tmp_path, 1)
    (run.path / "config.json").write_text("{")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"architecture": "x"}')
    rows = RunsTable(Folder(tmp_path)).since(0)["rows"]
    assert [row["status"] for row in rows] == ["damaged"]


def test_a_run_of_a_newer_version(tmp_path: Path) -> None:
    run = make_run(tmp_path, 1)
    config = (run.path / "config.json").read_text(encoding="utf-8")
    (run.path / "config.json").write_text(config.replace('"format": 2', '"format": 99'))
    (row,) = RunsTable(Folder(tmp_path)).since(0)["rows"]
    assert "is of format 99, and this version reads format 2" in row["reason"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_run_whose_name_is_not_unicode(tmp_path: Path) -> None:
    make_run(tmp_path, 1)
    run = make_run(tmp_path, 2)
    run.path.rename(run.path.with_name(os.fsdecode(b"bad\xff")))
    rows = RunsTable(Folder(tmp_path)).since(0)["rows"]
    reasons = [row["reason"] for row in rows if row["status"] == "damaged"]
    assert reasons == ["the name of its folder is not UTF-8: rename it"]
    assert len(rows) == 2


def test_a_thousand_runs_within_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1000):
        make_run(tmp_path, number)
    table = RunsTable(Folder(tmp_path))
    began = time.process_time()
    sent = table.since(0)
    assert len(sent["rows"]) == 1000
    assert time.process_time() - began < 5  # 0.4 s on a quiet core; it must not grow with squares
    reads: list[RunDirectory] = []
    summary = module.summary
    monkeypatch.setattr(module, "summary", lambda run: reads.append(run) or summary(run))
    assert table.since(sent["version"])["rows"] == []
    assert not reads
    run = make_run(tmp_path, 1000)
    assert [row["run"] for row in table.since(sent["version"])["rows"]] == [
        run.path.relative_to(tmp_path).as_posix()
    ]
    assert len(reads) == 1


def test_a_row_is_made_again_only_where_its_run_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_run(tmp_path, number)
    table = RunsTable(Folder(tmp_path))
    version, made = table.since(0)["version"], list[str]()
    main_metric = module.main_metric
    monkeypatch.setattr(
        module, "main_metric", lambda record: made.append(record["run"]) or main_metric(record)
    )
    run = make_run(tmp_path, 3)
    assert len(table.since(version)["rows"]) == 1
    assert made == [str(run.path)]


@pytest.mark.parametrize(("name", "content"), [
    ("config.json", {"data": 3}), ("config.json", {"job": ["x"]}), ("config.json", {"options": 1}),
    ("config.json", {"options": {"network": []}}), ("config.json", {"epochs": "x"}),
    ("config.json", {"created": 7}), ("evaluation.json", {"interval": ["x", 1]}),
    ("evaluation.json", {"accuracy": 10**400}),
    ("metrics.jsonl", {"epoch": 1, "seconds": "x"}), ("trials.jsonl", {"trial": 1, "seconds": []}),
])  # fmt: skip
def test_an_odd_run_leaves_the_others_in_the_table(
    tmp_path: Path, name: str, content: dict[str, object]
) -> None:
    make_run(tmp_path, 0)
    path = make_run(tmp_path, 1).path / name
    known = json.loads(path.read_text()) if name == "config.json" else {}
    path.write_text(json.dumps(known | content) + "\n")
    rows = {row["run"][-1]: row for row in RunsTable(Folder(tmp_path)).since(0)["rows"]}
    assert rows["0"]["status"] == "finished"
    assert rows["1"]["status"] == ("finished" if "created" in content else "damaged")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", ["metrics.jsonl", "status.json"])
def test_a_pipe_is_not_read(tmp_path: Path, name: str) -> None:
    make_run(tmp_path, 0)
    run = make_run(tmp_path, 1)
    (run.path / name).unlink()
    os.mkfifo(run.path / name)
    asked = threading.Thread(target=RunsTable(Folder(tmp_path)).since, args=(0,), daemon=True)
    asked.start()
    asked.join(20)
    assert not asked.is_alive()
    with pytest.raises(UserError, match=f"{name}' is neither a file nor a folder"):
        Folder(tmp_path).run("runs/classifier-digits-1")
