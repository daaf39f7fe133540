"""No text of a table is a formula to a spreadsheet, and none is changed by the way back."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.cli.commands.shared import write_rows
from handloom.jobs.classification.corrections import read_corrections
from handloom.jobs.classifier.mistakes import MISTAKE, Mistake, table, with_corrections
from handloom.runs.cells import FORMULA, inert, plain, sheet_bytes

LINK = '=HYPERLINK("http://x","y")'


@given(st.text(st.sampled_from("=+-@\t\r'a1 "), max_size=6) | st.text(max_size=12))
def test_every_text_comes_back_and_none_is_live(text: str) -> None:
    written = inert(text)
    assert plain(written) == text
    if written.startswith(FORMULA):
        assert written == text
        float(text)


@pytest.mark.parametrize("cell", ["-0.5", "+3", "1e-3", -2, 0.5, None, "", "it's", "'quoted'"])
def test_numbers_and_ordinary_texts_stay(cell: object) -> None:
    assert inert(cell) == cell


def test_a_table_of_predictions_has_no_formula(tmp_path: Path) -> None:
    write_rows(tmp_path / "p.csv", [{"input": LINK, "@c": "-cmd", "z": -0.5}])
    with (tmp_path / "p.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["input", "'@c", "z"], ["'" + LINK, "'-cmd", "-0.5"]]


def test_corrections_of_such_names_are_read_as_they_were(tmp_path: Path) -> None:
    line = Mistake("=a/-1.png", "0" * 32, "valid", "=a", "@b", "0.9", "", MISTAKE, "@b")
    path = tmp_path / "mistakes.csv"
    path.write_text(table([line]), newline="")
    assert "'=a/-1.png" in path.read_text("utf-8")
    assert with_corrections([line._replace(correction="")], path) == [line]
    (read,) = read_corrections(path)
    assert (read.file, read.wanted) == ("=a/-1.png", "@b")
    typed = table([line]).replace("'", "")  # a person who writes it without
    path.write_text(typed, newline="")
    assert read_corrections(path)[0].wanted == "@b"


def test_excel_is_told_of_letters_that_are_not_ascii() -> None:
    """A spreadsheet reads UTF-8 after its mark alone; programs that know no mark get plain ASCII
    without one."""
    assert sheet_bytes("file\na.jpg\n") == b"file\na.jpg\n"
    marked = sheet_bytes("file\ngrün.jpg\n")
    assert marked.startswith(b"\xef\xbb\xbf")
    assert marked.decode("utf-8-sig") == "file\ngrün.jpg\n"
