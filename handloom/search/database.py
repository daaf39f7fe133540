"""The connection to an index's SQLite file: transactions, remarks, and what can go wrong."""

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from handloom.errors import UserError
from handloom.search import schema
from handloom.search.closing import Closing

TOO_MUCH = ("too large", "too many", "too big", "stack overflow", "too complex", "too long")
"""What SQLite says of a statement that is beyond its limits."""


class Database(Closing):
    """An open file; outside a transaction each statement is one. Closed when it is dropped too."""

    def __init__(self, folder: Path, is_new: bool) -> None:
        self.folder = folder
        with sentences(folder):
            self.connection = schema.create(folder) if is_new else schema.opened(folder)
        self._closing = weakref.finalize(self, self.connection.close)
        self._lock = threading.RLock()  # one transaction at a time, whichever thread begins it

    def close(self) -> None:
        """Release the file."""
        self._closing()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """A statement with its parameters."""
        with sentences(self.folder):
            return self.connection.execute(statement, values)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All that a statement selects; what goes wrong while it is read is a sentence too."""
        with sentences(self.folder):
            return self.connection.execute(statement, values).fetchall()

    def each(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """As `rows`, row by row: of a million images they are not all held at once."""
        with sentences(self.folder):
            yield from self.connection.execute(statement, values)

    def row(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """The first row of what a statement selects, None without."""
        with sentences(self.folder):
            return self.connection.execute(statement, values).fetchone()

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """A statement for each of many rows of parameters."""
        self.connection.executemany(statement, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing, and safely on the disk; counted, so that remarks grow stale."""
        with self._lock, sentences(self.folder):
            self.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.set("changes", self.number("changes") + 1)
                self.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """All that is read is from one moment."""
        with self._lock, sentences(self.folder):
            self.execute("BEGIN")
            try:
                yield
            finally:
                self.execute("ROLLBACK")

    def get(self, key: str) -> str | None:
        """A value of the table `about`."""
        row = self.row("SELECT value FROM about WHERE key = ?", (key,))
        return None if row is None else row[0]

    def number(self, key: str) -> int:
        """A value that is a number, 0 where there is none."""
        return int(self.get(key) or 0)

    def set(self, key: str, value: Any) -> None:
        """Keep a value in the table `about`."""
        self.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, str(value)))


@contextmanager
def sentences(folder: Path) -> Iterator[None]:
    """What SQLite raises, as a UserError with its remedy."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        raise UserError(f"the index '{folder}' {_what(str(error))}") from None


def _what(reason: str) -> str:
    if "full" in reason or "I/O" in reason:
        return (
            f"cannot be written ({reason}): free some space and run the command again; what was "
            "done is kept"
        )
    if "readonly" in reason or "unable to open" in reason:
        return f"cannot be written ({reason}): name another place with --store"
    if "closed database" in reason:
        return "is closed: open it again with handloom.open_index"
    if "locked" in reason:
        return "is being written by another process: wait until it has finished"
    if any(words in reason for words in TOO_MUCH):
        return f"cannot be asked so much at once ({reason}): make --where shorter"
    return f"is damaged ({reason}): remove the folder, and index the images again"
