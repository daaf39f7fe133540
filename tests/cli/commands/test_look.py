"""show and runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    always = {
        "run", "job", "data", "status", "epochs", "planned", "minutes", "metrics", "differs"
    }  # fmt: skip
    own = {record["job"]: set(record) - always for record in made.records}
    assert own == {"classifier": {"interval"}, "char-rnn": set()}, "one epoch is no choice"
    assert all(always <= set(record) for record in made.records)
    table = typed("runs", tmp_path / "runs").out
    assert table.splitlines()[0].split()[:2] == ["run", "job"]
    assert "perplexity" in table
    assert "accuracy" in table


def test_no_runs(typed: Callable[..., Any], tmp_path: Path) -> None:
    refused = typed("runs", tmp_path)
    assert refused.status == 2
    assert f"there is no run below {tmp_path}: 'handloom train' makes one" in refused.err
