"""Texts as the entries of an index: the lines of a file, or a column of a table."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from handloom.data.images.listing.nearby import IMAGE
from handloom.data.images.listing.walk import is_image
from handloom.data.images.reading import Reading
from handloom.data.io.encoding import read_text
from handloom.data.io.path_order import order
from handloom.data.io.table import Table, is_table, read_table
from handloom.data.text.tokenizer import whole_characters
from handloom.errors import UserError
from handloom.search.columns import read_column, usable_name
from handloom.search.records import CAPTIONS, TEXT, ColumnKind, Entry, Value
from handloom.search.rows import dated
from handloom.wording import join_and, pluralize

SUFFIX = ".txt"


class ScannedTexts(NamedTuple):
    """Texts by where they stand, such as "captions.txt:12", as entries whose column `text` they
    are. entries: begins a walk through them, in the order of these places. own: the columns of all.
    notes: sentences to show."""

    entries: Callable[[], Iterator[Entry]]
    own: dict[str, ColumnKind]
    notes: tuple[str, ...]


def is_texts(data: Path, reading: Reading, column: str | None) -> bool:
    """Whether the texts of a file are meant, not images: it is a file of lines, a table without a
    column of images, or one whose column of texts is named."""
    if not data.is_file():
        return False
    if data.suffix.lower() == SUFFIX or column is not None:
        return True
    if not is_table(data) or reading.image_column is not None:
        return False
    names = read_table(data, strict=False).names
    return not any(is_image(name) or _plain(name) in IMAGE for name in names)


def scan_texts(data: Path, column: str | None) -> ScannedTexts:
    """The texts of a file. Raises UserError where there are none, or their column is not known."""
    state = os.stat(data)
    rows = list(_of_table(data, column) if is_table(data) else _of_lines(data))
    kept = [(line, whole_characters([text])[0], own) for line, text, own in rows if text]
    if not kept:
        raise UserError(f"'{data}' holds no texts: write one on each line")
    columns = {name: read_column(name, [own[name] for _, _, own in kept]) for name in kept[0][2]}
    places = {f"{data.name}:{line}": (row, text) for row, (line, text, _) in enumerate(kept)}
    paths = sorted(places, key=order)

    def entries() -> Iterator[Entry]:
        for path in paths:
            row, text = places[path]
            values: list[tuple[str, Value | None]] = [(TEXT, text)]
            values += [(name, column.values[row]) for name, column in columns.items()]
            yield Entry(path, len(text.encode()), None, content_of(text),
                        dated(state.st_mtime_ns), own=tuple(values))  # fmt: skip

    empty = len(rows) - len(kept) if is_table(data) else 0
    left_out = (f"left out {pluralize(empty, 'row')} without a text",) if empty else ()
    kinds: dict[str, ColumnKind] = {TEXT: "text"}
    kinds |= {name: column.kind for name, column in columns.items()}
    notes = (*left_out, *(note for column in columns.values() for note in column.notes))
    return ScannedTexts(entries, kinds, notes)


def content_of(text: str) -> bytes:
    """What a text is known by, as the content of a file is; 16 bytes."""
    return hashlib.blake2b(
        b"text " + text.encode("utf-8", "surrogatepass"), digest_size=16
    ).digest()


def text_of(entry: Entry) -> str:
    """The text that an entry is."""
    return str(dict(entry.own)[TEXT])


def _of_lines(data: Path) -> Iterator[tuple[int, str, dict[str, str]]]:
    for number, line in enumerate(read_text(data).split("\n"), 1):
        yield number, " ".join(line.split()), {}


def _of_table(data: Path, column: str | None) -> Iterator[tuple[int, str, dict[str, str]]]:
    table = read_table(data, strict=False)
    place = _column(data, table, column)
    others = {usable_name(name): cells for other, (name, cells)
              in enumerate(zip(table.names, table.columns, strict=True))
              if name and other != place}  # fmt: skip
    for row, (line, text) in enumerate(zip(table.rows, table.columns[place], strict=True)):
        own = {(f"table_{name}" if name == TEXT else name): cells[row]
               for name, cells in others.items()}  # fmt: skip
        yield line, " ".join(text.split()), own


def _column(data: Path, table: Table, asked: str | None) -> int:
    if asked is not None:
        if asked not in table.names:
            raise UserError(
                f"--text-column {asked}: '{data}' has no such column (it has: "
                f"{join_and(table.names) or 'none'}): name one of these"
            )
        return table.names.index(asked)
    usual = [place for place, name in enumerate(table.names) if _plain(name) in CAPTIONS]
    if len(usual) != 1:
        what = "no column" if not usual else f"{len(usual)} columns"
        raise UserError(
            f"'{data}' has {what} of texts by name (it has: {join_and(table.names) or 'none'}): "
            "name it with --text-column, or name a column of images 'image'"
        )
    return usual[0]


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
