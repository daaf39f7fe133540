"""What a person wrote into a mistakes.csv outlasts the next one, whatever its lines are of."""

from pathlib import Path
from typing import NamedTuple

import pytest

from handloom.errors import UserError
from handloom.jobs.classification.mistakes import corrected, table_of


class Line(NamedTuple):
    name: str
    problem: str
    correction: str = ""


def joined(lines: list[Line], path: Path) -> list[Line]:
    return corrected(Line, Line._fields, lines, path, lambda line: line.name)


def test_corrections_are_carried_over_and_gone_problems_stay(tmp_path: Path) -> None:
    path, lines = tmp_path / "mistakes.csv", [Line("a", "mistake"), Line("b", "mistake")]
    assert joined(lines, path) == lines
    written = [Line("b", "old", "cat"), Line('gone, "x"', "old", "drop"), Line("c", "old")]
    path.write_text(table_of(Line._fields, written), encoding="utf-8", newline="")
    assert joined(lines, path) == [
        Line("a", "mistake"), Line("b", "mistake", "cat"), Line("gone, \"x\"", "old", "drop")
    ]  # fmt: skip


def test_a_formula_is_a_text_to_a_spreadsheet_and_itself_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.csv"
    path.write_text(table_of(Line._fields, [Line("=1+1", "p", "cat")]), encoding="utf-8")
    assert "\n=1+1" not in path.read_text(encoding="utf-8")
    assert joined([Line("=1+1", "mistake")], path) == [Line("=1+1", "mistake", "cat")]


def test_a_file_that_cannot_be_read_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.csv"
    path.write_bytes(b"\x00\x01\xff,\x00")
    with pytest.raises(UserError, match="may hold corrections"):
        joined([Line("a", "mistake")], path)
