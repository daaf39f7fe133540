"""Who opens a store closes it, after an error too, on every version of Python.

Python 3.13 warns of a database that was never closed, and only where it is dropped in the end. Here
every connection is kept by the test, so that nothing but `close` can have closed it.
"""

import asyncio
import gc
import os
import signal
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.errors import UserError
from handloom.search import schema
from handloom.search.closing import Closing, closed_on_error
from handloom.search.database import Database
from handloom.search.embedded import EmbeddedStore
from handloom.search.opening import open_index
from handloom.studio.worker import work
from handloom.studio.workers import Worker

from .conftest import Encoders


class Connections:
    """All that were opened, and the databases that they are of."""

    def __init__(self) -> None:
        self.opened: list[sqlite3.Connection] = []
        self.databases: list[Database] = []

    def open(self) -> list[sqlite3.Connection]:
        """Those that nobody has closed."""
        return [each for each in self.opened if _is_open(each)]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    """What is opened from now on; a database lives on, so that no finalizer closes it."""
    known, connect, begin = Connections(), sqlite3.connect, Database.__init__

    def connected(*places: Any, **options: Any) -> sqlite3.Connection:
        known.opened.append(connect(*places, **options))
        return known.opened[-1]

    def kept(self: Database, *given: Any) -> None:
        known.databases.append(self)
        begin(self, *given)

    monkeypatch.setattr(sqlite3, "connect", connected)
    monkeypatch.setattr(Database, "__init__", kept)
    return known


def test_every_verb_closes_what_it_opened(
    photos: Path, tmp_path: Path, connections: Connections
) -> None:
    made = ["index", str(photos), "--encoder", "pixels"]
    queries = tmp_path / "queries.csv"
    first = next(photos.rglob("*.png"))
    queries.write_text(f"query,expected\n{first},{first.parent.name}\n")
    for words in (
        made, made, [*made, "--json"], ["search", str(photos), "--id", "1"],
        ["search", str(photos), str(first), "--plot", str(tmp_path / "plot.png")],
        ["map", str(photos), "--out", str(tmp_path / "map.png"), "--method", "pca"],
        ["evaluate", str(photos), str(queries), "--plot", str(tmp_path / "failures.png")],
    ):  # fmt: skip
        before = len(connections.opened)
        assert main(words) == 0
        assert len(connections.opened) > before
        assert not connections.open(), words


def test_every_verb_closes_it_after_an_error(
    photos: Path, tmp_path: Path, connections: Connections
) -> None:
    handloom.index(photos, encoder="pixels").close()
    bad, other = tmp_path / "bad.csv", tmp_path / "other"
    bad.write_text("query,expected\n1,nothing-like-it\n")
    other.mkdir()
    Image.new("RGB", (8, 8)).save(other / "1.png")
    store = str(photos.with_suffix(".index"))
    for words in (
        ["search", str(photos), "--id", "999"], ["search", str(photos), "--where", "nothing = 1"],
        ["map", str(photos), "--images", "0"], ["evaluate", str(photos), str(bad)],
        ["index", str(other), "--store", store],
    ):  # fmt: skip
        before = len(connections.opened)
        assert main(words) == 2, words
        assert len(connections.opened) > before, words
        assert not connections.open(), words


def test_what_is_not_an_index_is_closed(tmp_path: Path, connections: Connections) -> None:
    (tmp_path / schema.FILE).write_bytes(b"no database " * 99)
    with pytest.raises(UserError, match="cannot be opened"):
        EmbeddedStore(tmp_path)
    (tmp_path / "other").mkdir()
    sqlite3.connect(tmp_path / "other" / schema.FILE).execute("CREATE TABLE t (x)").close()
    connections.opened.pop().close()
    with pytest.raises(UserError, match="another program's"):
        EmbeddedStore(tmp_path / "other")
    assert connections.opened
    assert not connections.open()


def test_the_functions_close_it_too(
    photos: Path, connections: Connections, encoders: Encoders
) -> None:
    with handloom.index(photos, encoder="pixels") as made:
        assert len(made) == 24
        assert connections.open()
    assert not connections.open()
    with pytest.raises(UserError, match="is closed: open it again with"):
        made.search(1)
    made.close()  # a second time
    with pytest.raises(UserError), open_index(photos, encoders) as opened:
        opened.search("nothing.png")
    with EmbeddedStore(photos.with_suffix(".index")) as store:
        store.count()
    assert not connections.open()


def test_an_index_that_is_dropped_is_closed(photos: Path) -> None:
    index = handloom.index(photos, encoder="pixels")
    connection = index.store._db.connection  # type: ignore[attr-defined]
    assert _is_open(connection)
    del index
    gc.collect()
    assert not _is_open(connection)


def test_a_worker_of_the_studio_closes_it(
    photos: Path, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # its process is this one
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    handloom.index(photos, encoder="pixels").close()
    asked: Iterator[Any] = iter([("about", {})])
    answers = list[Any]()

    class Pipe:
        def recv(self) -> Any:
            with suppress(StopIteration):
                return next(asked)
            raise EOFError

        send = staticmethod(answers.append)

    before = len(connections.opened)
    work(Pipe(), str(photos), True, ())  # type: ignore[arg-type]
    assert answers[0][1]["images"] == 24
    assert len(connections.opened) == before + 1
    assert not connections.open()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_worker_that_is_told_to_end_closes_it(photos: Path) -> None:
    handloom.index(photos, encoder="pixels").close()
    with ThreadPoolExecutor(2) as threads:
        worker = Worker(photos, True, threads)
        about = asyncio.run(worker.ask("about"))
        worker.close()
        worker.process.join(60)
    assert about["images"] == 24
    assert worker.process.exitcode == 0
    assert not list(photos.with_suffix(".index").glob("*-wal"))  # which a kill leaves behind


def test_what_cannot_be_finished_is_closed() -> None:
    closed = list[str]()

    class Opened(Closing):
        def close(self) -> None:
            closed.append("x")

    with closed_on_error(Opened()):
        pass
    assert not closed
    with pytest.raises(KeyboardInterrupt), closed_on_error(Opened()):
        raise KeyboardInterrupt
    assert closed == ["x"]
    with Opened():
        pass
    assert closed == ["x", "x"]


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError as error:
        return "closed" not in str(error)
    except sqlite3.DatabaseError:
        return True
    return True
