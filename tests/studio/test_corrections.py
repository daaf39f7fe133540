"""What a person decides in the page stands in mistakes.csv, and nothing else changes."""

from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.studio.corrections import is_editable, lines, save

HEADER = "file,content,split,label,predicted,confidence,likely_label,problem,correction\n"


def test_corrections_are_written(tmp_path: Path) -> None:
    table = HEADER + "'=a.png,c1,valid,cat,dog,0.9,,mistake,\nb.png,c2,train,dog,cat,0.8,cat,x,\n"
    (tmp_path / "mistakes.csv").write_text(table)
    assert is_editable(lines(tmp_path))
    wanted = [{"file": "=a.png", "content": "c1", "correction": "dog"}]
    assert save(tmp_path, wanted, ["cat", "dog"]) == wanted
    assert (tmp_path / "mistakes.csv").read_text("utf-8") == table.replace(
        "mistake,", "mistake,dog"
    )
    dropped = [wanted[0] | {"correction": "drop"}]
    assert save(tmp_path, dropped, ["cat", "dog"]) == dropped
    assert lines(tmp_path)[0]["correction"] == "drop"
    assert save(tmp_path, [wanted[0] | {"correction": ""}], ["cat", "dog"]) == []


def test_a_line_that_is_gone_is_refused(tmp_path: Path) -> None:
    table = HEADER + "a.png,c1,valid,cat,dog,0.9,,mistake,\n"
    (tmp_path / "mistakes.csv").write_text(table)
    wanted = {"file": "a.png", "content": "c2", "correction": "dog"}  # of a table before
    with pytest.raises(UserError, match=r"'a.png' is no longer in .*/mistakes.csv: load the page"):
        save(tmp_path, [wanted], ["cat", "dog"])
    assert (tmp_path / "mistakes.csv").read_text() == table


def test_all_corrections_are_answered(tmp_path: Path) -> None:
    table = HEADER + "a.png,c1,valid,cat,dog,0.9,,mistake,drop\nb.png,c2,train,dog,cat,1,,x,\n"
    (tmp_path / "mistakes.csv").write_text(table)  # somebody else has dropped a.png
    saved = save(tmp_path, [{"file": "b.png", "content": "c2", "correction": "cat"}], ["cat"])
    assert [(line["file"], line["correction"]) for line in saved] == [
        ("a.png", "drop"), ("b.png", "cat")
    ]  # fmt: skip


@pytest.mark.parametrize("given", [None, [3], [{"file": "a", "correction": "=cmd"}]])
def test_nothing_but_classes(tmp_path: Path, given: object) -> None:
    (tmp_path / "mistakes.csv").write_text(HEADER + "a.png,c1,valid,cat,dog,0.9,,mistake,\n")
    with pytest.raises(UserError):
        save(tmp_path, given, ["cat", "dog"])


def test_tables_that_take_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no mistakes"):
        lines(tmp_path)
    (tmp_path / "mistakes.csv").write_text("text,actual,predicted,probability\na,b,c,0.4\n")
    with pytest.raises(UserError, match="takes no corrections"):
        save(tmp_path, [], [])
