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


def test_show_texts(typed: Callable[..., Any], tmp_path: Path) -> None:
    table = tmp_path / "films.csv"
    table.write_text("text,target\nfine,good\na dull film,bad\n")
    (record,) = typed("show", table, "--json").records
    assert record["kind"] == "texts"
    shown = typed("show", table).out
    assert "films: labelled texts, 2 train; 1 to 3 words in a text" in shown
    assert "2 classes: 'bad' 1, 'good' 1" in shown
    assert "--size is not for texts" in typed("show", table, "--kind", "texts", "--size", "8").err
    refused = typed("show", table, "--target-column", "genre")
    assert refused.status == 2
    assert "no such column" in refused.err
    table.write_text("name\nx\n")
    both = typed("show", table).err
    assert "as images:" in both
    assert "as texts:" in both


def test_show_running_text(typed: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("1.txt", "2.txt"):
        (tmp_path / name).write_text("la la\n")
    shown = typed("show", tmp_path).out
    assert "running text, 13 characters in 3 lines, 4 different" in shown
    assert "as texts:" in shown  # why it is not labelled


def test_runs(typed: Callable[..., Any], trained: Callable[[str], Path], tmp_path: Path) -> None:
    import shutil

    for job in ("classifier", "char-rnn"):
        shutil.copytree(trained(job), tmp_path / "runs" / job)
    made = typed("runs", tmp_path / "runs", "--json")
    always = {
        "run", "job", "data", "status", "epochs", "planned", "minutes", "metrics", "differs",
        "created",
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
