"""Names of splits: those people use are known, others are never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.data.io.splits import parse_splits, split_of, split_of_cell, split_of_flag
from handloom.errors import UserError

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
        split_of_cell("t.csv", 7, name, None)


def test_option() -> None:
    assert parse_splits(None) is None
    assert parse_splits("none") == {}
    assert parse_splits("train=train-8, dev=val,test=a+b") == {
        "train-8": "train", "val": "valid", "a": "test", "b": "test"
    }  # fmt: skip
    assert split_of_cell("t.csv", 2, "b", {"b": "test"}) == "test"
    assert split_of_cell("t.csv", 2, "c", {"b": "test"}) is None


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
