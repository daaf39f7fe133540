"""The image files of a collection as they are now: a folder's, or those that a table names."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from handloom.data.images.dataset import Broken
from handloom.data.images.listing import UNLABELLED, Listing, NoLabels, list_folder
from handloom.data.images.reading import Reading
from handloom.data.images.table import list_table
from handloom.data.io.digest import SETTLED
from handloom.data.io.table import Table, is_table, read_table
from handloom.errors import UserError
from handloom.search.records import OWN_COLUMNS, ColumnKind, Entry, Value
from handloom.search.rows import dated

KNOWN = {"label", "split"}


class Scan(NamedTuple):
    """Files by their path relative to `root`, in order; their contents are not yet known.

    own: the user's columns of a table, and what they hold. absent: rows of a table without a file.
    notes: sentences to show.
    """

    root: Path
    entries: dict[str, Entry]
    own: dict[str, ColumnKind]
    absent: tuple[Broken, ...]
    notes: tuple[str, ...]


def scan(data: Path, reading: Reading) -> Scan:
    """The files of a folder or a table, with their sizes and times; nothing of them is read.

    Raises UserError for what does not exist, and where there are no images.
    """
    if not data.exists():
        raise UserError(f"'{data}' does not exist: give a folder of images, or a table of them")
    if not data.is_dir() and not is_table(data):
        raise UserError(f"'{data}' is a single file: give a folder of images, or a table of them")
    listing = _listing(data, reading)
    own, values = ({}, {}) if data.is_dir() else _own_columns(data, reading)
    now, entries = time.time_ns(), dict[str, Entry]()
    for row, path in enumerate(listing.paths):
        name = _relative(listing, row)
        label = None if listing.label is None else listing.label[row]
        entries[name] = _entry(
            path, name, now, None if label in (None, UNLABELLED) else listing.classes[label or 0],
            listing.split[row], values.get(listing.names[row], ()),
        )  # fmt: skip
    if len(set(listing.split)) == 1:
        entries = {name: entry._replace(split=None) for name, entry in entries.items()}
    return Scan(listing.root, entries, own, listing.broken, listing.notes)


def _listing(data: Path, reading: Reading) -> Listing:
    """With labels where there are any; where names of folders contradict each other, without."""
    listed = lambda labelled: (
        list_folder(data, labelled, reading.splits)
        if data.is_dir()
        else list_table(data, labelled, reading)
    )
    try:
        return listed(True)
    except NoLabels:
        return listed(False)
    except UserError:
        if data.is_dir() and reading.splits is None:
            return list_folder(data, False, "none")
        raise


def _relative(listing: Listing, row: int) -> str:
    """Of a file below the root its path from there, with slashes; of another its whole path."""
    path = listing.paths[row]
    if path == listing.root / listing.names[row]:
        return listing.names[row]
    if path.is_relative_to(listing.root):
        return path.relative_to(listing.root).as_posix()
    return str(path.absolute())


def _entry(
    path: Path, name: str, now: int, label: str | None, split: str | None,
    own: tuple[tuple[str, Value | None], ...],
) -> Entry:  # fmt: skip
    try:
        state = os.stat(path)
    except OSError as error:
        return Entry(name, 0, None, b"", "", label, split, own, error.strerror or str(error))
    is_settled = now - state.st_mtime_ns > SETTLED
    mtime = state.st_mtime_ns if is_settled else None
    return Entry(name, state.st_size, mtime, b"", dated(state.st_mtime_ns), label, split, own)


def _own_columns(
    data: Path, reading: Reading
) -> tuple[dict[str, ColumnKind], Mapping[str, tuple[tuple[str, Value | None], ...]]]:
    """The columns of a table other than images, labels and splits, and their cells by image."""
    from handloom.data.images.columns import choose_columns

    chosen = choose_columns(data, read_table(data, strict=False), reading)
    table: Table = chosen.table
    taken = [chosen.image, chosen.label]
    columns = {
        _free(name): cells
        for place, (name, cells) in enumerate(zip(table.names, table.columns, strict=True))
        if name and not any(cells is each for each in taken) and place != chosen.split
    }
    kinds = {name: _kind(cells) for name, cells in columns.items()}
    values: dict[str, tuple[tuple[str, Value | None], ...]] = {}
    for row, image in enumerate(chosen.image):
        cells = ((name, _cell(columns[name][row], kind)) for name, kind in kinds.items())
        values.setdefault(image, tuple(cells))
    return kinds, values


def _free(name: str) -> str:
    """A column that every index has of its own keeps its name; the user's is called table_NAME."""
    return f"table_{name}" if name in OWN_COLUMNS else name


def _kind(cells: Sequence[str]) -> ColumnKind:
    values = [cell for cell in cells if cell]
    return "number" if values and all(_number(cell) is not None for cell in values) else "text"


def _cell(cell: str, kind: ColumnKind) -> Value | None:
    if not cell:
        return None
    return _number(cell) if kind == "number" else cell


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
