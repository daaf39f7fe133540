"""The splits that a table of texts says itself."""

from pathlib import Path

from handloom.data.io.splits import (
    FLAGS,
    no_column,
    parse_splits,
    split_of,
    split_of_cell,
    split_of_flag,
)
from handloom.data.io.table import Table

NUMBERS = {"0": "train", "1": "valid", "2": "test"}  # as Ludwig numbers them
OTHERS = ("set", "subset", "partition", "fold")  # taken where all their cells are known names


def read_splits(
    path: Path, table: Table, splits: str | None = None
) -> tuple[list[str | None] | None, str]:
    """The split of every row, None for one that `splits` leaves out; None where the table has
    none. And how they were understood, or "".

    splits: the option, as in `train=a,valid=b`. Raises UserError for a name that means nothing, and
    for an option without a column that it is of: those rows would be trained on in silence.
    """
    meaning = parse_splits(splits)
    if meaning == {}:
        return None, ""
    places = {name.casefold(): place for place, name in enumerate(table.names)}
    if meaning:
        column = next((name for name in ("split", *OTHERS) if name in places), None)
        if column is None:
            raise no_column(path, splits, table.names)
        cells = table.columns[places[column]]
        asked = [meaning.get(cell) for cell in cells]
        return asked, _note(column, cells, asked)
    if "split" in places and any(cells := table.columns[places["split"]]):
        if "0" in cells and set(cells) <= set(NUMBERS):
            return [NUMBERS[cell] for cell in cells], "column 'split': 0 train, 1 valid, 2 test"
        rows = zip(table.rows, cells, strict=True)
        known = [split_of_cell(path, row, cell) for row, cell in rows]
        return known, _note("split", cells, known)
    for name in OTHERS:
        cells = table.columns[places[name]] if name in places else []
        split = [split_of(cell) for cell in cells]
        if cells and all(split):
            return split, _note(name, cells, split)
    return _flagged(path, table, {name: places[name] for name in FLAGS if name in places})


def _flagged(
    path: Path, table: Table, places: dict[str, int]
) -> tuple[list[str | None] | None, str]:
    if not places:
        return None, ""
    split: list[str | None] = ["train"] * len(table)
    for name, place in places.items():
        for number, (row, cell) in enumerate(zip(table.rows, table.columns[place], strict=True)):
            if split_of_flag(path, row, cell or "False", FLAGS[name]) != "train":
                split[number] = FLAGS[name]
    return split, f"split by column {' and '.join(places)}"


def _note(name: str, cells: list[str], known: list[str | None]) -> str:
    meant = {
        cell: split
        for cell, split in zip(cells, known, strict=True)
        if split is not None and cell.casefold() != split
    }
    read = ", ".join(f"'{cell}' as {split}" for cell, split in meant.items())
    return f"column '{name}': {read}" if read else ""
