"""show, runs and demo."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands.conftest import size


def test_show(typed: Callable[..., Any], shapes: Path, tmp_path: Path) -> None:
    (record,) = typed("show", shapes, "--json").records
    assert record["classes"] == ["blue", "green", "red"]
    assert {"name", "classes", "size", "channels", "splits", "stored", "broken", "notes"} <= set(
        record
    )
    out = tmp_path / "sheet.png"
    shown = typed("show", shapes, "--out", out)
    assert shown.status == 0
    assert str(out) in shown.out
    assert size(out) > (8, 8)


def test_runs(typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path) -> None:
    import shutil

    for job in ("classifier", "char-rnn"):
        shutil.copytree(trained(job), tmp_path / "runs" / job)
    made = typed("runs", tmp_path / "runs", "--json")
    assert {record["job"] for record in made.records} == {"classifier", "char-rnn"}
    assert set(made.records[0]) == {
        "run", "job", "data", "status", "epochs", "planned", "minutes", "metrics", "differs",
    }  # fmt: skip
    table = typed("runs", tmp_path / "runs").out
    assert table.splitlines()[0].split()[:2] == ["run", "job"]
    assert "perplexity" in table
    assert "accuracy" in table


def test_no_runs(typed: Callable[..., Any], tmp_path: Path) -> None:
    refused = typed("runs", tmp_path)
    assert refused.status == 2
    assert f"there is no run below {tmp_path}: 'handloom train' makes one" in refused.err


def test_demo_runs_every_part_there_is(
    typed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts themselves are trained in tests of their own."""
    from handloom.cli.commands import look
    from handloom.jobs import JOBS, find_job, job

    monkeypatch.chdir(tmp_path)
    asked: list[str] = []
    monkeypatch.setattr(
        job.Lazy, "__call__", lambda self, folder, display: asked.append(self.place)
    )
    shown = typed("demo")
    assert shown.status == 0
    parts = [part for part in (find_job(name).demo for name in JOBS) if part is not None]
    parts.append(look.SEARCH)
    assert asked == [place.place for _, place in parts]
    assert all(title in shown.out for title, _ in parts)
    assert f"Everything is in {Path('runs') / 'demo-all-1'}" in shown.out
