"""mistakes.csv of texts, as a spreadsheet and a later report read it."""

from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.jobs.text_classifier.contents import content_of
from handloom.jobs.text_classifier.mistakes import (
    MISTAKE,
    TextMistake,
    table,
    with_corrections,
)


def line(text: str, correction: str = "") -> TextMistake:
    return TextMistake(text, content_of(text), "test", "neg", "pos", "0.9", "", MISTAKE, correction)


def test_corrections_stay_with_their_text(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.csv"
    before = [line('=a "formula",\nof two lines', "pos"), line("gone since", "drop"), line("open")]
    path.write_text(table(before), encoding="utf-8", newline="")
    assert "'=a" in path.read_text(encoding="utf-8")  # a spreadsheet runs no text
    now = [line("new"), line('=a "formula",\nof two lines')]
    kept = with_corrections(now, path)
    assert [(each.text, each.correction) for each in kept] == [
        ("new", ""), ('=a "formula",\nof two lines', "pos"), ("gone since", "drop"),
    ]  # fmt: skip


def test_without_an_older_file(tmp_path: Path) -> None:
    assert with_corrections([line("a")], tmp_path / "none.csv") == [line("a")]


def test_a_file_that_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.csv"
    path.write_bytes(b'text,content\n"a\x00b')
    with pytest.raises(UserError, match="may hold corrections, and cannot be read"):
        with_corrections([line("a")], path)


def test_content_is_the_same_whatever_case_and_spaces() -> None:
    assert content_of("A  text\n") == content_of("a text") != content_of("a test")
    assert len(content_of("\ud800")) == 32  # half a character
