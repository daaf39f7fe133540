"""Cells of a target column: which are classes, and which only look like some."""

import pytest

from handloom.data.io.labels import alike_note, read_labels, same_class
from handloom.errors import UserError


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["a", "b", "n/a"] * 20, "'n/a', which reads like a missing value"),
        (["pos", "neg", "NULL"] * 20, "'NULL', which reads like a missing value"),
        (["x", "y", "NaN", "None"] * 20, "'NaN' and 'None', which reads like a missing value"),
        ([f"{i / 7:.3f}" for i in range(90)], "90 different numbers"),
        ([str(i) for i in range(400)], "400 different numbers"),
        ([f"{i % 37}.5" for i in range(300)], "37 different numbers"),
        (["cat", "dog", "cat dog"] * 9, r"'cat dog' .* several classes \(cat, dog\)"),
        (["a;b", "b;a", "c"] * 9, "several classes"),
        (["red|blue", "red", "blue"] * 9, "several classes"),
        ([f"some sentence {i}" for i in range(60)], "60 different values in 60 rows"),
    ],
)
def test_what_is_no_class_is_refused(cells: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as error:
        read_labels(cells, "t.csv", as_written=False)
    assert "--classes-as-written" in str(error.value)
    assert set(read_labels(cells, "t.csv", as_written=True))


@pytest.mark.parametrize(
    "cells",
    [
        ["0.5", "1", "1.5", "2", "5"] * 9,
        ["New York", "York", "Paris"] * 9,
        ["rock & roll", "rock", "jazz"] * 9,
        [str(year) for year in range(1990, 2020)] * 2,
    ],
)
def test_usual_classes_are_taken(cells: list[str]) -> None:
    assert read_labels(cells, "t.csv", as_written=False) == cells


def test_names_that_are_one_class() -> None:
    assert set(read_labels(["cafe\u0301", "caf\u00e9", "b"], "t", True)) == {"café", "b"}
    assert read_labels(["0", "1.0", "", "0.0"], "t", False) == ["0", "1", "", "0"]
    assert read_labels(["1.0", "1.10", "v"], "t", False) == ["1.0", "1.10", "v"]
    assert same_class("1.0", {"0": 0, "1": 1}) == 1
    assert same_class("Pos", {"pos": 0}) is None
    assert "'Pos' and 'pos'" in alike_note(("Pos", "neg", "pos"))
