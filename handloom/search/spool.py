"""Rows on the disk while a command runs: what is too much for the memory of a small machine.

SQLite keeps them in a file without a name, in the folder for temporary files, which goes with the
process.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from handloom.data.io.path_order import order
from handloom.errors import UserError
from handloom.search.closing import Closing
from handloom.search.records import Entry
from handloom.search.rows import COLUMNS, ENTRY, entry_of, row_of


class Spool(Closing):
    """A temporary database with a table `file` of entries.

    more: columns that are kept with an entry. tables: further ones.
    """

    def __init__(self, more: Sequence[str], tables: Sequence[str] = ()) -> None:
        columns = f"{COLUMNS}, {', '.join(more)}"
        places = ", ".join("?" * len(columns.split(", ")))
        self._insert = f"INSERT INTO file ({columns}) VALUES ({places})"
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.execute("PRAGMA journal_mode = OFF")  # for what nobody reads after an error
        self.execute("BEGIN")  # and it is never ended
        for table in (f"file (number INTEGER PRIMARY KEY, {columns})", *tables):
            self.execute(f"CREATE TABLE {table}")

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()

    def add(self, entry: Entry, *more: Any) -> None:
        """One row."""
        self.execute(self._insert, (*row_of(entry), *more))

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """A statement that selects nothing."""
        try:
            self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise _full(error) from None

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """A statement for each of many rows of parameters."""
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.OperationalError as error:
            raise _full(error) from None

    def each(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """What a statement selects, row by row."""
        try:
            yield from self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise _full(error) from None

    def number(self, statement: str) -> int:
        """The number that a statement selects."""
        ((value,),) = self.each(statement)
        return int(value)


def sorted_entries(entries: Iterable[Entry], own: Sequence[str]) -> Iterator[Entry]:
    """Entries of a store without an order, by the bytes of their paths; own: the user's columns."""
    with Spool(["key"]) as spool:
        for entry in entries:
            spool.add(entry, order(entry.path))
        for row in spool.each(f"SELECT {ENTRY} FROM file ORDER BY key"):
            yield entry_of(row, own)


def _full(error: sqlite3.OperationalError) -> UserError:
    return UserError(
        f"the folder for temporary files cannot be written to, or is full ({error}): free some "
        "space and run the command again, or name another folder in the variable TMPDIR"
    )
