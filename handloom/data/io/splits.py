"""Splits as people write them, in the names of folders, in tables and in the option `--splits`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from handloom.data.io.table import Table, plain_name
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
NUMBERS = {"0": "train", "1": "valid", "2": "test"}  # as Ludwig numbers them
SPLIT = "split"
OTHERS = ("set", "subset", "partition", "fold")  # read as splits where their cells are
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


def split_of_cell(path: object, row: int, value: str) -> str:
    """The split of a table's row.

    Raises UserError for a value that is none of the usual names, since a guess would train on test
    rows. `row` counts from 1, the header included.
    """
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


class SplitColumns(NamedTuple):
    """What a table says of splits. split: of every row, None for one that `--splits` leaves out;
    None where it says nothing. note: how that was understood, or "". places: of the columns that
    say it, or that are not to."""

    split: list[str | None] | None
    note: str
    places: tuple[int, ...]


def read_splits(path: object, table: Table, text: str | None = None) -> SplitColumns:
    """The splits of a table, of images or of texts.

    A column `split` must hold splits; `set`, `subset`, `partition` and `fold` do where all their
    cells are names of such; `is_valid`, `is_test` and the like are read together. text: the option
    `splits`. Raises UserError for cells that mean nothing, for columns that disagree, and for an
    option that names no column's cells: such rows would be trained on in silence.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(table.names):
        plain = plain_name(name)
        if plain in (SPLIT, *OTHERS, *FLAGS):
            if plain in places:
                raise _several(path, [table.names[places[plain]], name])
            places[plain] = place
    meaning = parse_splits(text)
    if meaning == {}:
        return SplitColumns(None, "", tuple(places.values()))
    if meaning:
        name, split = _as_asked(path, table, places, str(text), meaning)
        note = _note(name, table.columns[places[name]], split)
        return SplitColumns(split, note, (places[name],))
    readings = list(_by_columns(path, table, places))
    if not readings:
        return SplitColumns(None, "", ())
    (_, split, note), *others = readings
    taken = [name for names, _, _ in readings for name in names]
    if any(other != split for _, other, _ in others):
        raise _several(path, taken)
    return SplitColumns(split, note, tuple(places[name] for name in taken))


def _as_asked(
    path: object, table: Table, places: Mapping[str, int], text: str, meaning: Mapping[str, str]
) -> tuple[str, list[str | None]]:
    """The column whose cells the option names, and the split of every row."""
    order = [name for name in (SPLIT, *OTHERS, *FLAGS) if name in places]
    if not order:
        raise UserError(
            f"--splits {text}: '{path}' has no column of splits (it has: "
            f"{', '.join(table.names)}): name one split in its header, or leave --splits out"
        )
    cells = {name: table.columns[places[name]] for name in order}
    name = next((name for name in order if set(meaning) <= set(cells[name])), None)
    if name is None:
        absent = sorted(set(meaning) - set(cells[order[0]]))
        different = list(dict.fromkeys(cells[order[0]]))
        raise UserError(
            f"--splits {text}: no cell of the column '{order[0]}' of '{path}' is '{absent[0]}' (it "
            f"has: {', '.join(different[:12])}): name cells that exist"
        )
    return name, [meaning.get(cell) for cell in cells[name]]


def _by_columns(
    path: object, table: Table, places: Mapping[str, int]
) -> Iterator[tuple[list[str], list[str | None], str]]:
    """The columns that hold splits, the split of every row by them, and how it was understood."""
    for name in (SPLIT, *OTHERS):
        cells = table.columns[places[name]] if name in places else []
        split: list[str | None] = []
        if name == SPLIT and "0" in cells and set(cells) <= set(NUMBERS):
            split = [NUMBERS[cell] for cell in cells]
        elif any(cells) and (name == SPLIT or _are_splits(cells)):
            rows = zip(table.rows, cells, strict=True)
            split = [split_of_cell(path, row, cell) for row, cell in rows]
        if split:
            yield [name], split, _note(name, cells, split)
    flags = {name: places[name] for name in FLAGS if name in places}
    if flags and len(table):
        split = ["train"] * len(table)
        for name, place in flags.items():
            rows = zip(table.rows, table.columns[place], strict=True)
            marked = [split_of_flag(path, row, cell or "False", FLAGS[name]) for row, cell in rows]
            split = [new if new != "train" else old for new, old in zip(marked, split, strict=True)]
        yield list(flags), split, f"split by column {' and '.join(flags)}"


def _are_splits(cells: Iterable[str]) -> bool:
    """Whether all cells are names of splits, or so many that the others are mistakes."""
    names = {split_of(cell) for cell in cells}
    return None not in names or {"train", "test"} <= names or {"train", "valid"} <= names


def _several(path: object, names: Sequence[str]) -> UserError:
    quoted = join_and([f"'{name}'" for name in names])
    return UserError(
        f"'{path}' has several columns of splits ({quoted}), which differ: keep one, or say with "
        "--splits which cells mean what"
    )


def _note(name: str, cells: Sequence[str], known: Sequence[str | None]) -> str:
    meant = {
        cell: split
        for cell, split in zip(cells, known, strict=True)
        if split is not None and cell.casefold() != split
    }
    read = ", ".join(f"'{cell}' as {split}" for cell, split in meant.items())
    return f"column '{name}': {read}" if read else ""
