"""Corrections: examples are found by content, then by name; what fits nothing is named."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.errors import UserError
from handloom.jobs.classification.corrections import (
    DROP,
    KEPT,
    Correction,
    applied,
    read_corrections,
)

NAMES = ["a/1.png", "a/2.png", "b/1.png", "b/copy of 1.png"]
CONTENTS = ["c1", "c2", "c3", "c3"]
LABEL = [0, 0, 1, 1]
CLASSES = ["apple", "pear"]


def line(file: str, content: str, wanted: str, number: int = 2) -> Correction:
    return Correction(file, content, wanted, f"line {number} of 'm.csv'")


def test_content_goes_before_a_name() -> None:
    """A file that was renamed is found; another that has its old name is not taken for it."""
    made = applied([line("a/1.png", "c2", "pear")], NAMES, CONTENTS, LABEL, CLASSES)
    assert made == ({1: 1}, set(), 0, 0, 0)


def test_a_file_whose_content_has_changed_is_found_by_its_name() -> None:
    made = applied([line("b/1.png", "old", DROP)], NAMES, CONTENTS, LABEL, CLASSES)
    assert made == ({}, {2}, 1, 0, 0)
    without = applied([line("b/1.png", "", DROP)], NAMES, CONTENTS, LABEL, CLASSES)
    assert without == ({}, {2}, 0, 0, 0)


def test_of_equal_files_that_of_the_name_is_corrected_else_all() -> None:
    one = applied([line("b/copy of 1.png", "c3", DROP)], NAMES, CONTENTS, LABEL, CLASSES)
    assert one.dropped == {3}
    both = applied([line("gone.png", "c3", "apple")], NAMES, CONTENTS, LABEL, CLASSES)
    assert both.label == {2: 0, 3: 0}


def test_what_has_the_label_already_is_counted() -> None:
    lines = [line("a/1.png", "c1", "apple"), line("b/1.png", "c3", "apple", 3)]
    made = applied(lines, NAMES, CONTENTS, LABEL, CLASSES)
    assert (made.label, made.unchanged) == ({2: 0}, 1)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            [line("x.png", "c9", "pear"), line("y.png", "", DROP, 5)],
            "line 2 of 'm.csv' corrects 'x.png' (and 1 line more), which is not among the data",
        ),
        ([line("", "c9", "pear")], "corrects 'c9', which is not among the data"),
        ([line("a/1.png", "", "pearl")], "'pearl', which is not a class of the data: did you mean"),
        ([line("a/1.png", "", "Ωmega")], "give one of apple, pear"),
        (
            [line("a/1.png", "", "pear"), line("", "c1", DROP, 4)],
            "'a/1.png' is corrected to 'pear' in line 2 of 'm.csv' and to 'drop' in line 4",
        ),
    ],
)
def test_what_fits_nothing_is_named(lines: list[Correction], message: str) -> None:
    with pytest.raises(UserError) as refused:
        applied(lines, NAMES, CONTENTS, LABEL, CLASSES)
    assert message in str(refused.value)


def test_a_class_that_is_called_drop() -> None:
    with pytest.raises(UserError, match="which is a class here too"):
        applied([line("a/1.png", "", DROP)], NAMES, CONTENTS, LABEL, ["apple", DROP])


@given(st.lists(st.sampled_from([*CLASSES, DROP]), min_size=4, max_size=4))
def test_every_example_gets_what_was_written(wanted: list[str]) -> None:
    lines = [line(name, "", to) for name, to in zip(NAMES, wanted, strict=True)]
    made = applied(lines, NAMES, CONTENTS, LABEL, CLASSES)
    now = [
        DROP if row in made.dropped else CLASSES[made.label.get(row, LABEL[row])]
        for row in range(len(NAMES))
    ]
    assert now == wanted
    assert made.unchanged + len(made.label) + len(made.dropped) == len(NAMES)


def test_a_table_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.csv"
    path.write_text(
        "﻿file;content;problem;correction\r\na/1.png;c1;mistake; pear \r\na/2.png;c2;mistake;\r\n",
        encoding="utf-8",
    )
    assert read_corrections(path) == [
        Correction("a/1.png", "c1", "pear", "line 2 of 'mistakes.csv'")
    ]


def test_those_of_the_run_go_before_and_give_way(tmp_path: Path) -> None:
    """mistakes.csv of a run that was trained with corrections lies beside them."""
    (tmp_path / KEPT).write_text("file,content,correction\na,c1,pear\nb,c2,drop\n")
    mistakes = tmp_path / "mistakes.csv"
    mistakes.write_text("file,content,correction\na,c1,apple\nc,c3,drop\nd,c4,\n")
    found = [(made.file, made.wanted) for made in read_corrections(mistakes)]
    assert found == [("b", "drop"), ("a", "apple"), ("c", "drop")]
    assert len(read_corrections(tmp_path / KEPT)) == 2
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.copy(mistakes, moved)
    assert len(read_corrections(moved / "mistakes.csv")) == 2


def test_a_later_word_on_an_example_holds(tmp_path: Path) -> None:
    """Of a file that was renamed since, and of one that a person names without its content."""
    (tmp_path / "config.json").write_text("{}")
    kept, mistakes = tmp_path / KEPT, tmp_path / "mistakes.csv"
    kept.write_text("file,content,correction\na/old.png,c1,pear\na/2.png,c2,drop\n")
    mistakes.write_text("file,content,correction\na/1.png,c1,drop\na/2.png,,pear\n")
    both = read_corrections(mistakes)
    again = "".join(f"{made.file},{made.content},{made.wanted}\n" for made in both)
    for lines in (both, None):
        if lines is None:  # as the run keeps them
            kept.write_text(f"file,content,correction\n{again}")
            lines = read_corrections(kept)
        result = applied(lines, NAMES, CONTENTS, LABEL, CLASSES)
        assert (result.label, result.dropped) == ({1: 1}, {0})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("file,correction\na,\n", "corrects nothing"),
        ("file,label\na,b\n", "has the columns file, label: it needs correction"),
        ("correction\npear\n", "has the columns correction: it needs"),
        ("", "has the columns none"),
        (None, "does not exist"),
    ],
)
def test_a_table_that_says_nothing(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "m.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_corrections(path)
