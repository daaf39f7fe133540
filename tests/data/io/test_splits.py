"""Splits: names that people use are known, others are never guessed or trained on in silence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.data.io.splits import (
    parse_splits,
    read_splits,
    split_of,
    split_of_cell,
    split_of_flag,
)
from handloom.data.io.table import Table
from handloom.errors import UserError

PATH = Path("t.csv")

NAMES = {
    "TRAIN": "train", "training_set": "train", "Train Images": "train", "traindata": "train",
    "dev": "valid", "Val": "valid", "validation-set": "valid", "valid": "valid",
    "Testing": "test", "holdout": "test", "held_out": "test", "test_images": "test", "eval": "test",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_known(name: str) -> None:
    assert split_of(name) == NAMES[name]


@pytest.mark.parametrize("name", ["train-8", "TEST_SIMPLE", "fit", "0", "2", "trains", "", "set"])
def test_others(name: str) -> None:
    assert split_of(name) is None
    with pytest.raises(UserError, match=r"in row 7.*--splits"):
        split_of_cell("t.csv", 7, name)


def test_option() -> None:
    assert parse_splits(None) is None
    assert parse_splits("none") == {}
    assert parse_splits("train=train-8, dev=val,test=a+b") == {
        "train-8": "train", "val": "valid", "a": "test", "b": "test"
    }  # fmt: skip


@pytest.mark.parametrize("text", ["train", "fit=a", "valid=a", "train=", "train=a,test=a", ","])
def test_bad_option(text: str) -> None:
    with pytest.raises(UserError, match="--splits"):
        parse_splits(text)


@given(st.text(max_size=20))
def test_any_option_parses_or_is_refused(text: str) -> None:
    try:
        meaning = parse_splits(text)
    except UserError:
        return
    assert meaning is not None
    assert not meaning or "train" in meaning.values()


@pytest.mark.parametrize(("cell", "split"), [("True", "valid"), ("0", "train"), ("no", "train")])
def test_flags(cell: str, split: str) -> None:
    assert split_of_flag("t.csv", 2, cell, "valid") == split


def test_bad_flag() -> None:
    with pytest.raises(UserError, match="'maybe' in row 3"):
        split_of_flag("t.csv", 3, "maybe", "valid")


def table(name: str, cells: list[str]) -> Table:
    return Table(["text", name], [["t"] * len(cells), cells], list(range(2, len(cells) + 2)))


@pytest.mark.parametrize(
    ("name", "cells", "splits"),
    [
        ("split", ["Train", "DEV", "Testing"], ["train", "valid", "test"]),
        ("Split", ["training", "validation", "hold-out"], ["train", "valid", "test"]),
        ("split", ["0", "2", "1"], ["train", "test", "valid"]),
        ("partition", ["train", "val", "test"], ["train", "valid", "test"]),
        ("set", ["TRAIN", "test", "train"], ["train", "test", "train"]),
        ("is_valid", ["True", "false", "0"], ["valid", "train", "train"]),
        ("is_val", ["no", "yes", "no"], ["train", "valid", "train"]),
        ("Is Valid", ["no", "yes", "no"], ["train", "valid", "train"]),
        ("is_test", ["1", "", "no"], ["test", "train", "train"]),
        ("fold", ["0", "1", "2"], None),
        ("set", ["tools", "toys", "train"], None),
        ("split", ["", "", ""], None),
    ],
)
def test_a_column(name: str, cells: list[str], splits: list[str] | None) -> None:
    assert read_splits(PATH, table(name, cells)).split == splits


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("split", ["fit", "select", "test"]),
        ("split", ["train", "", "test"]),
        ("split", ["1", "2", "3"]),
        ("is_valid", ["maybe", "True", "False"]),
        ("set", ["train", "val", "extra"]),
    ],
)
def test_other_names_are_refused(name: str, cells: list[str]) -> None:
    with pytest.raises(UserError, match="row"):
        read_splits(PATH, table(name, cells))


def test_the_option_says_what_names_mean() -> None:
    fitted = table("split", ["fit", "select", "other"])
    assert read_splits(PATH, fitted, "train=fit,valid=select").split == ["train", "valid", None]
    assert read_splits(PATH, fitted, "none").split is None
    folds = table("fold", ["0", "1", "2"])
    assert read_splits(PATH, folds, "train=1+2,valid=0").split == ["valid", "train", "train"]


def test_the_option_without_a_column_is_refused() -> None:
    with pytest.raises(UserError, match=r"--splits train=a,valid=b: 't.csv' has no column of spl"):
        read_splits(PATH, table("topic", ["a", "b"]), "train=a,valid=b")


def test_cells_that_there_are_not_are_refused() -> None:
    """A misspelled name would leave the training without its validation split."""
    with pytest.raises(UserError, match=r"no cell of the column 'split' of 't.csv' is 'slect'"):
        read_splits(PATH, table("split", ["fit", "select", "fit"]), "train=fit,valid=slect")


def two(first: str, second: str, cells: list[str]) -> Table:
    known = ["train", "test", "train"]
    return Table([first, second], [known, cells], [2, 3, 4])


def test_columns_that_differ_are_refused() -> None:
    with pytest.raises(UserError, match=r"'split' and 'is_valid'.*--splits"):
        read_splits(PATH, two("split", "is_valid", ["1", "0", "0"]))
    with pytest.raises(UserError, match="several columns of splits"):
        read_splits(PATH, two("Split", "split", ["train"] * 3))
    for second, cells in (("set", ["train", "test", "train"]), ("is_test", ["", "1", "no"])):
        assert read_splits(PATH, two("split", second, cells)).split == ["train", "test", "train"]


def test_flags_are_read_together() -> None:
    flags = Table(["is_valid", "is_test"], [["1", "", ""], ["", "1", ""]], [2, 3, 4])
    assert read_splits(PATH, flags).split == ["valid", "test", "train"]
