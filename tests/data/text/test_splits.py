"""Splits that a table says itself: understood or refused, never trained on in silence."""

from pathlib import Path

import pytest

from handloom.data.io.table import Table
from handloom.data.text.splits import read_splits
from handloom.errors import UserError

PATH = Path("t.csv")


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
        ("is_test", ["1", "", "no"], ["test", "train", "train"]),
        ("fold", ["0", "1", "2"], None),
        ("set", ["tools", "toys", "train"], None),
        ("split", ["", "", ""], None),
    ],
)
def test_splits(name: str, cells: list[str], splits: list[str] | None) -> None:
    assert read_splits(PATH, table(name, cells))[0] == splits


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("split", ["fit", "select", "test"]),
        ("split", ["train", "", "test"]),
        ("split", ["1", "2", "3"]),
        ("is_valid", ["maybe", "True", "False"]),
    ],
)
def test_other_names_are_refused(name: str, cells: list[str]) -> None:
    with pytest.raises(UserError, match="row"):
        read_splits(PATH, table(name, cells))


def test_the_option_says_what_names_mean() -> None:
    fitted = table("split", ["fit", "select", "other"])
    assert read_splits(PATH, fitted, "train=fit,valid=select")[0] == ["train", "valid", None]
    assert read_splits(PATH, fitted, "none")[0] is None
    folds = table("fold", ["0", "1", "2"])
    assert read_splits(PATH, folds, "train=1+2,valid=0")[0] == ["valid", "train", "train"]


def test_the_option_without_a_column_is_refused() -> None:
    with pytest.raises(UserError, match=r"--splits train=a,valid=b: 't.csv' has no column of spl"):
        read_splits(PATH, table("topic", ["a", "b"]), "train=a,valid=b")
