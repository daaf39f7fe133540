"""A collection as it is now: the images of a folder or a table, or the texts of a file."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from handloom.data.images.dataset import Broken
from handloom.data.images.listing.folder import UNLABELLED, Listing, NoLabels
from handloom.data.images.listing.ordered import Surveyed, in_order, survey
from handloom.data.images.listing.table import list_table
from handloom.data.images.named.sets import place_of
from handloom.data.images.reading import Reading
from handloom.data.io.digest import SETTLED
from handloom.data.io.names import absent
from handloom.data.io.path_order import as_text, order
from handloom.data.io.table import is_table, read_table
from handloom.errors import UserError
from handloom.search.columns import UserColumn, read_column, usable_name
from handloom.search.records import ColumnKind, Entry, EntryKind, Value
from handloom.search.rows import dated
from handloom.search.texts import is_texts, scan_texts

KNOWN = {"label", "split"}


class Scan(NamedTuple):
    """A collection whose images or texts can be walked through, as often as they are needed.

    entries: begins a walk through its files, by their paths relative to `root`, in the order of
    `path_order`; their contents are not yet known. own: the user's columns of a table, and what
    they hold. absent: rows of a table without a file. notes: sentences to show. kind: of what these
    are. unread: folders that cannot be read: what an index knows of them stays.
    """

    root: Path
    entries: Callable[[], Iterator[Entry]]
    own: dict[str, ColumnKind]
    absent: tuple[Broken, ...]
    notes: tuple[str, ...]
    kind: EntryKind = "images"
    unread: tuple[str, ...] = ()


def scan(data: Path, reading: Reading, text_column: str | None = None) -> Scan:
    """The files of a folder or a table, with their sizes and times; nothing of them is read. Of a
    file of texts its texts, whose contents are known.

    The files of a folder are not held, the rows of a table and texts are. text_column: of a table
    whose texts are meant. Raises UserError for what does not exist, and where there are no images
    or texts.
    """
    if not data.exists():
        raise absent(data, f"give a folder of images, or a table of them{_of_set(data)}")
    if is_texts(data, reading, text_column):
        texts = scan_texts(data, text_column)
        root = data.resolve().parent
        return Scan(root, texts.entries, texts.own, (), texts.notes, "texts")
    if data.is_dir():
        return _scan_folder(data, reading)
    if not is_table(data):
        raise UserError(f"'{data}' is a single file: give a folder or a table of images, or .txt")
    return _scan_table(data, reading)


def _of_set(data: Path) -> str:
    """Why the name of a built-in set is not enough."""
    if place_of(str(data)).name is None:
        return ""
    return f"; the built-in set {data} has no files that an index could find again"


def _scan_folder(data: Path, reading: Reading) -> Scan:
    surveyed = survey(data)
    listing = _without_contradictions(surveyed, reading)

    def entries() -> Iterator[Entry]:
        now = time.time_ns()
        for path, place in in_order(surveyed, listing):
            label = None if place.label is None else as_text(place.label)
            yield _entry(os.path.join(data, path), path, now, label, place.split, ())

    unread = tuple(surveyed.walked.unread)
    return Scan(data, entries, {}, (), listing.notes, unread=unread)


def _without_contradictions(surveyed: Surveyed, reading: Reading) -> Listing:
    """With labels where there are any; where names of folders contradict each other, without.
    Images beside the folders of classes have none, and the others keep theirs."""
    try:
        return surveyed.listing(True, reading.splits)
    except NoLabels:
        return surveyed.listing(False, reading.splits)
    except UserError:
        if reading.splits is not None:
            raise
        return surveyed.listing(False, "none")


def _scan_table(data: Path, reading: Reading) -> Scan:
    try:
        listing = list_table(data, True, reading)
    except NoLabels:
        listing = list_table(data, False, reading)
    columns, values = _own_columns(data, reading)
    has_splits = len(set(listing.split)) > 1
    rows = {_relative(listing, row): row for row in range(len(listing.paths))}
    names = sorted(rows, key=order)

    def entries() -> Iterator[Entry]:
        now = time.time_ns()
        for name in names:
            row = rows[name]
            label = UNLABELLED if listing.label is None else listing.label[row]
            yield _entry(
                os.fspath(listing.paths[row]), name, now,
                None if label == UNLABELLED else as_text(listing.classes[label]),
                listing.split[row] if has_splits else None, values.get(listing.names[row], ()),
            )  # fmt: skip

    own = {name: column.kind for name, column in columns.items()}
    notes = (*listing.notes, *(note for column in columns.values() for note in column.notes))
    return Scan(listing.root, entries, own, listing.broken, notes)


def _relative(listing: Listing, row: int) -> str:
    """Of a file below the root its path from there, with slashes; of another its whole path."""
    path = listing.paths[row]
    if path == listing.root / listing.names[row]:
        return listing.names[row]
    if path.is_relative_to(listing.root):
        return path.relative_to(listing.root).as_posix()
    return str(path.absolute())


def _entry(
    path: str, name: str, now: int, label: str | None, split: str | None,
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
) -> tuple[dict[str, UserColumn], Mapping[str, tuple[tuple[str, Value | None], ...]]]:
    """The columns of a table other than images, labels and splits, and their cells by image."""
    from handloom.data.images.listing.columns import choose_columns

    chosen = choose_columns(data, read_table(data, strict=False), reading)
    others = ((usable_name(name), cells) for name, cells in chosen.others().items())
    columns = {name: read_column(name, cells) for name, cells in others}
    values: dict[str, tuple[tuple[str, Value | None], ...]] = {}
    for row, image in enumerate(chosen.image):
        cells = ((name, column.values[row]) for name, column in columns.items())
        values.setdefault(image, tuple(cells))
    return columns, values
