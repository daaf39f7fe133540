"""Cells of a target column: which are classes, and which only look like some."""

import pytest

from handloom.data.io.labels import alike_notes, class_order, few_notes, read_labels, same_class
from handloom.errors import UserError


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["a", "b", "n/a"] * 20, "'n/a' in 20 rows, which may be a class or a missing label"),
        (["pos", "neg", "NULL"] * 20, "'NULL' in 20 rows"),
        (["x", "y", "NaN", "None"] * 20, "'NaN' and 'None' in 40 rows"),
        ([f"{i / 7:.3f}" for i in range(90)], "90 different numbers"),
        ([str(i) for i in range(400)], "400 different numbers"),
        ([f"{i % 37}.5" for i in range(300)], "37 different numbers"),
        ([f"{i % 40},5" for i in range(300)], "40 different numbers"),
        ([f"2024-01-{i % 20 + 1:02}" for i in range(90)], "20 different dates"),
        ([f"{i % 9 + 1}.3.1999" for i in range(90)], "9 different dates"),
        ([f"2023/{i % 12 + 1}" for i in range(90)], "12 different dates"),
        ([f"2009-{i % 4 + 9:02}" for i in range(90)], "4 different dates"),
        (["2003-04", "2008-09", "2011-11"] * 30, "3 different dates"),
        ([f"2024-01-0{i % 5 + 1} 10:00:00" for i in range(90)], "5 different dates"),
        (["cat", "dog", "cat dog"] * 9, r"several labels in a cell \('cat dog'\)"),
        (["a;b", "b;a", "c"] * 9, "several labels in a cell"),
        (["red|blue", "red", "blue"] * 9, "several labels in a cell"),
        (["drama; comedy", "drama", "crime"] * 9, "several labels in a cell"),
        ([f"some sentence {i}" for i in range(60)], "60 different labels in 60 rows"),
    ],
)
def test_what_is_no_class_is_refused(cells: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as error:
        read_labels(cells, "t.csv")
    assert "--unclear-labels class" in str(error.value)
    assert all(read_labels(cells, "t.csv", "class").names)


@pytest.mark.parametrize(
    "cells",
    [
        ["0.5", "1", "1.5", "2", "5"] * 9,
        ["New York", "York", "Paris"] * 9,
        ["rock & roll", "rock", "jazz"] * 9,
        ["2019-20", "2020-21", "2021-22"] * 9,  # seasons
        ["2003-04", "2008-09", "2011-12", "2010-11"] * 9,  # seasons that are months too
        ["1901/02", "1905/06", "1907/08", "1911/12"] * 9,
        ["3.11.1", "3.12.1", "3.10.14"] * 9,
        ["2020-01 winter", "2020-06 summer", "2021-06 summer"] * 9,
    ],
)
def test_usual_classes_are_taken(cells: list[str]) -> None:
    assert read_labels(cells, "t.csv") == (cells, [])


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["a", "b", "NA", ""] * 9, {"a", "b", ""}),
        (["up", "down", "up down", "down up"] * 9, {"up", "down", ""}),
        (["1.0", "2.0", "nan"] * 9, {"1", "2", ""}),
    ],
)
def test_rows_with_an_unclear_label_are_dropped(cells: list[str], kept: set[str]) -> None:
    names, notes = read_labels(cells, "t.csv", "drop")
    assert set(names) == kept
    assert "count as unlabelled" in notes[-1]
    with pytest.raises(UserError, match="400 different numbers"):
        read_labels([str(i) for i in range(400)], "t.csv", "drop")


def test_names_that_are_one_class() -> None:
    assert set(read_labels(["cafe\u0301", "caf\u00e9", "b"], "t").names) == {"café", "b"}
    assert read_labels(["0", "1.0", "", "0.0"], "t").names == ["0", "1", "", "0"]
    assert read_labels(["1.0", "1.10", "v"], "t").names == ["1.0", "1.10", "v"]
    assert same_class("1.0", {"0": 0, "1": 1}) == 1
    assert same_class("1.50", {"1.5": 0, "2": 1}) == 0
    assert same_class("Pos", {"pos": 0}) is None
    assert "'Pos' and 'pos'" in alike_notes(("Pos", "neg", "pos"))[0]


def test_names_of_digits_stay_apart() -> None:
    """As floats, two identifiers of twenty digits are equal, and 007 is 7."""
    long = ["12345678901234567890", "12345678901234567891"]
    for names in (long, ["007", "7"], ["1e3", "1000"]):
        assert read_labels(names, "t").names == names
    assert same_class(long[1], {long[0]: 0}) is None


def test_classes_are_in_the_order_of_their_numbers() -> None:
    names = ["10", "b", "2", "nan", "1.5", "A", "inf", "2"]
    assert class_order(names) == ("1.5", "2", "10", "A", "b", "inf", "nan")
    assert class_order(reversed(names)) == class_order(names)


def test_two_unicode_forms_are_one_class_and_said_to_be() -> None:
    names, notes = read_labels(["caf\u00e9", "cafe\u0301", "tea"], "t.csv")
    assert (len(set(names)), len(notes)) == (2, 1)
    assert "written in two Unicode forms" in notes[0]


def test_classes_with_few_examples_are_named_the_same_way_of_images_and_texts() -> None:
    assert few_notes(["a", "b", "c", "d"], [0, 1, 3, 40], "text") == [
        "the class 'a' has no training text",
        "the class 'b' has a single text, which stays in training",
        "few training texts to learn from: 'c' has 3",
    ]


@pytest.mark.parametrize(
    ("cells", "is_said"),
    [
        ([str(18 + i % 60) for i in range(600)], True),
        ([str(1950 + i % 70) for i in range(900)], True),
        ([str(year) for year in range(1990, 2020)] * 2, True),
        ([str(i % 100) for i in range(900)], False),  # numbers of classes
        ([str(1 + i % 100) for i in range(900)], False),
        ([str(i % 5) for i in range(90)], False),
    ],
)
def test_whole_numbers_that_may_be_a_quantity(cells: list[str], is_said: bool) -> None:
    assert any("a quantity" in note for note in read_labels(cells, "t.csv").notes) == is_said


@pytest.mark.parametrize(
    "classes", [("1", "True"), ("0", "False", "x"), ("1", "1.0", "cat"), ("2.50", "2.5", "a")]
)
def test_classes_that_are_one_number(classes: tuple[str, ...]) -> None:
    assert "are equal as numbers" in alike_notes(classes)[0]
    assert alike_notes(("007", "7", "1")) == ()
