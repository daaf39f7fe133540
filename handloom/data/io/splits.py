"""Names of splits as people write them, in folders, tables and options."""

import re
from collections.abc import Sequence

from handloom.errors import UserError
from handloom.wording import join_and

WORDS = {
    "train": ("train", "training"),
    "valid": ("val", "valid", "validation", "validate", "dev", "devel", "development"),
    "test": ("test", "testing", "holdout", "hold-out", "heldout", "held-out", "eval", "evaluation"),
}
MEANING = {word: split for split, words in WORDS.items() for word in words}
SUFFIX = re.compile(r"[-_ ]?(set|data|split|images|imgs)$")
NONE = "none"
FLAGS = {"is_valid": "valid", "is_val": "valid", "is_validation": "valid", "is_test": "test"}
"""Columns of True and False, and the split that True means."""
TRUE, FALSE = ("true", "t", "yes", "1", "1.0"), ("false", "f", "no", "0", "0.0")


def split_of(name: str) -> str | None:
    """train, valid or test for a name such as `Train`, `val`, `dev`, `test_set`; None for others.

    Letter case, `_` for `-`, and the endings set, data, split and images make no difference.
    """
    word = name.strip().lower().replace("_", "-")
    return MEANING.get(word) or MEANING.get(SUFFIX.sub("", word))


def parse_splits(text: str | None) -> dict[str, str] | None:
    """The option `splits`: {folder name or cell: split}; {} for "none", None where it is not given.

    `train=train-8,valid=val` reads `train-8` for training and `val` for validation and leaves out
    all else; several names of one split are joined by `+`. "none" says that no name is a split.
    Raises UserError for anything else.
    """
    if text is None:
        return None
    if text.strip().lower() == NONE:
        return {}
    meaning: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, names = part.partition("=")
        split = split_of(key)
        values = [name.strip() for name in names.split("+") if name.strip()]
        if not equals or split is None or not values or set(values) & set(meaning):
            raise UserError(
                f"--splits {text}: must be none, or each split once with its names, as in "
                "train=train-8,valid=val,test=test"
            )
        meaning |= dict.fromkeys(values, split)
    if "train" not in meaning.values():
        raise UserError(f"--splits {text}: must name the training split, as in train=NAME")
    return meaning


def no_column(path: object, text: str | None, names: Sequence[str]) -> UserError:
    """The error for the option `splits`, `text`, of a table with those columns, none of splits."""
    return UserError(
        f"--splits {text}: '{path}' has no column of splits (it has: {', '.join(names)}): name one "
        "split in its header, or leave --splits out"
    )


def split_of_cell(
    path: object, row: int, value: str, meaning: dict[str, str] | None = None
) -> str | None:
    """The split of a table's row; None for one that `meaning`, from `parse_splits`, leaves out.

    Raises UserError for a value that is none of the usual names, since a guess would train on test
    rows. `row` counts from 1, the header included.
    """
    if meaning:
        return meaning.get(value)
    split = split_of(value)
    if split is None:
        known = join_and([*WORDS["train"][:1], *WORDS["valid"][:3], "dev", *WORDS["test"][:3]])
        raise UserError(
            f"'{path}' has the split '{value}' in row {row}: known names are {known}; say what "
            "others mean with --splits, as in --splits train=a,valid=b"
        )
    return split


def split_of_flag(path: object, row: int, value: str, split: str) -> str:
    """The split of a row of a column such as `is_valid`: `split` where it is true, else train."""
    word = value.strip().lower()
    if word in TRUE:
        return split
    if word in FALSE:
        return "train"
    raise UserError(
        f"'{path}' has '{value}' in row {row}, where True or False is expected: correct the cell"
    )
