"""Rows of the embedded store's table of images, from entries and to them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Any

from handloom.data.io.path_order import order, path_of_bytes
from handloom.search.records import ColumnKind, Entry, Image, Value

COLUMNS = "path, folder, label, split, size, date, mtime, content, own, reason"
INSERT = f"""
INSERT INTO image ({COLUMNS})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET
    folder = excluded.folder, label = excluded.label, split = excluded.split, size = excluded.size,
    date = excluded.date, mtime = excluded.mtime, content = excluded.content, own = excluded.own,
    reason = excluded.reason
"""
ENTRY = "path, size, mtime, date, content, label, split, own, reason"
NANOSECONDS = 60_000_000_000  # of a minute
# Names of the user's columns, read by the statement that reads the rows: of a moment before, they
# may be those of another table.
OWN = "(SELECT value FROM about WHERE key = 'own')"
IMAGE = f"image.id, image.path, image.content, image.label, image.own, {OWN}"


def row_of(entry: Entry) -> tuple[Any, ...]:
    """The values of `COLUMNS`."""
    path = stored_path(entry.path)
    folder = path.rpartition("/")[0] if isinstance(path, str) else None
    own = json.dumps([value for _, value in entry.own]) if entry.own else None
    return (
        path, folder, entry.label, entry.split, entry.size, entry.date, entry.mtime, entry.content,
        own, entry.reason,
    )  # fmt: skip


def entry_of(row: Sequence[Any], own: Sequence[str]) -> Entry:
    """From the columns of `ENTRY`; own: names of the user's columns."""
    path, size, mtime, date, content, label, split, values, reason = row
    return Entry(
        path_of(path), size, mtime, content, intern(date), _shared(label), _shared(split),
        own_of(values, own), reason,
    )  # fmt: skip


def image_of(row: Sequence[Any]) -> Image:
    """From the columns of `IMAGE`."""
    id, path, content, label, values, own = row
    return Image(id, path_of(path), content, label, own_of(values, list(kinds_of(own))))


@lru_cache(16)
def kinds_of(own: str | None) -> Mapping[str, ColumnKind]:
    """The user's columns, in the order of the lists in the column `own`, from `OWN`."""
    return dict(json.loads(own or "[]"))


def moved(values: str | None, before: str | None, now: str | None) -> str | None:
    """The list of a row by the columns of another table: what that has no value for is null.

    values: of the column `own`. before, now: as `OWN` gives them.
    """
    old, new = kinds_of(before), kinds_of(now)
    if values is None or not new:
        return None
    known = dict(own_of(values, list(old)))
    kept = [known.get(name) if old.get(name) == kind else None for name, kind in new.items()]
    return json.dumps(kept)


def own_of(values: str | None, own: Sequence[str]) -> tuple[tuple[str, Value | None], ...]:
    """The user's columns by name, from a list in JSON."""
    return () if values is None else tuple(zip(own, json.loads(values), strict=False))


def stored_path(path: str) -> str | bytes:
    """As SQLite takes it: names that are not Unicode as bytes."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return order(path)
    return path


def path_of(stored: str | bytes) -> str:
    """From what `stored_path` gave."""
    return path_of_bytes(stored) if isinstance(stored, bytes) else stored


def dated(nanoseconds: int) -> str:
    """A time of change as 2026-11-26 14:05, local, which sorts and compares as text."""
    return _minute(nanoseconds // NANOSECONDS)


@lru_cache(4096)  # files of a folder share them, which saves 65 bytes each, and time
def _minute(minutes: int) -> str:
    return datetime.fromtimestamp(60 * minutes).isoformat(" ", "minutes")


def _shared(text: str | None) -> str | None:
    """The same object for equal texts: of a million rows, labels alone are 60 MB."""
    return None if text is None else intern(text)
