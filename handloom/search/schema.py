"""The SQLite file of an embedded index, and opening it."""

import os
import sqlite3
from pathlib import Path

from handloom.errors import UserError
from handloom.search.closing import closed_on_error
from handloom.wording import reason

FILE = "index.sqlite"
FORMAT = 2
APPLICATION = 0x48414E44  # "HAND", in the header of the file
BUSY = 30.0  # seconds that a reader or writer waits for another
TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- A set is the vectors of one encoder. One is searched; another may be growing beside it.
CREATE TABLE encoder (
    id INTEGER PRIMARY KEY AUTOINCREMENT, spec TEXT NOT NULL, fingerprint TEXT NOT NULL,
    width INTEGER NOT NULL, weights TEXT, state TEXT NOT NULL, reads TEXT NOT NULL
);
CREATE TABLE vector (
    id INTEGER PRIMARY KEY AUTOINCREMENT, encoder INTEGER NOT NULL, content BLOB NOT NULL,
    value BLOB NOT NULL, thumb BLOB NOT NULL, UNIQUE (encoder, content)
);
CREATE TABLE image (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path NOT NULL UNIQUE, folder TEXT, label TEXT, split TEXT,
    size INTEGER NOT NULL, date TEXT, mtime INTEGER, content BLOB NOT NULL, own TEXT, reason TEXT
);
CREATE INDEX image_by_content ON image (content);
"""


def create(folder: Path) -> sqlite3.Connection:
    """A new index in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = _connected(folder / FILE)
    with closed_on_error(connection), connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # what a rebuild leaves is freed
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
    return connection


def opened(folder: Path) -> sqlite3.Connection:
    """An index that exists. Raises UserError for what is not one, or is of a later version."""
    if not (folder / FILE).is_file():
        raise UserError(
            f"'{folder}' is not an index: 'handloom index FOLDER --store {folder}' makes one"
        )
    try:
        connection = _connected(folder / FILE)
        with closed_on_error(connection):
            _check(connection, folder)
    except sqlite3.DatabaseError as error:
        raise UserError(
            f"the index '{folder}' cannot be opened ({reason(error)}): remove the folder, and "
            "index the images again"
        ) from None
    return connection


def _check(connection: sqlite3.Connection, folder: Path) -> None:
    """Raises UserError for another program's database, and for another format."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION:
        raise UserError(f"'{folder / FILE}' is another program's database: name another --store")
    if version != FORMAT:
        remedy = "upgrade Handloom" if version > FORMAT else "remove it, and index the images again"
        raise UserError(
            f"the index '{folder}' has format {version}, and this Handloom reads {FORMAT}: {remedy}"
        )


def is_index(path: Path) -> bool:
    """Whether a path is the folder of an embedded index."""
    return (path / FILE).is_file()


def _connected(file: Path) -> sqlite3.Connection:
    if not os.access(file.parent, os.W_OK):  # a medium that can only be read
        address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    connection = sqlite3.connect(file, timeout=BUSY, isolation_level=None, check_same_thread=False)
    with closed_on_error(connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last part
    return connection
