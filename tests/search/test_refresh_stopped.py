"""A refresh that a full disk or a kill stops: nothing that was done is lost."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloom.data.images.reading import Reading
from handloom.errors import UserError
from handloom.search.index import Index
from handloom.search.opening import open_index, update
from handloom.search.refresh import Refreshed, WantedEncoder
from tests.search.conftest import Encoders, silent, write

Run = Callable[..., tuple[Index, Refreshed]]
PATTERN = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5


def test_a_full_disk_is_one_sentence_and_loses_nothing(
    refreshed: Run, photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed()
    for number in range(60):
        write(photos / "blue" / f"more{number}.png", PATTERN + number)
    connect = sqlite3.connect

    def full(*places: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*places, **options)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        return connection

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(UserError, match=r"is full.*: free some space and run the command again"):
        refreshed()
    monkeypatch.undo()
    assert len(refreshed()[0]) == 84


SLOW = """
import sys, time
from pathlib import Path
from handloom.data.images.reading import Reading
from handloom.search import embedding, refresh
from handloom.search.opening import update
from handloom.search.vectors import PixelVectors
embedding.PART = 4
class Slow(PixelVectors):
    batch = 4
    def __call__(self, images):
        time.sleep(0.3)
        return super().__call__(images)
data, is_rebuild, made = Path(sys.argv[1]), "rebuild" in sys.argv, Slow()
if is_rebuild:
    made.record = made.record._replace(spec="dark", fingerprint="d" * 32)
wanted = refresh.WantedEncoder(None, None, lambda *_: made)
update(data, None, wanted, is_rebuild, Reading(), lambda *_: None)
"""


def test_a_kill_in_the_middle_loses_nothing_that_was_done(
    photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100):  # more than the 32 that a thread decodes at a time
        write(photos / "blue" / f"more{number}.png", PATTERN + number % 50 + number // 50 * 100)
    child = subprocess.Popen([sys.executable, "-c", SLOW, str(photos)])
    folder = photos.parent / "photos.index"
    deadline = time.monotonic() + 60
    reader = None
    while time.monotonic() < deadline and (reader is None or not len(reader)):
        time.sleep(0.05)
        if reader is None and (folder / "index.sqlite").exists():
            try:
                reader = open_index(folder, encoders)
            except UserError:
                continue  # its tables are not there yet
    assert reader is not None
    before = len(reader)
    assert reader.search(reader.random(), 1).results  # readers search while it grows
    child.kill()
    child.wait()
    assert 0 < before < 124
    kept = len(reader)
    index, done, _ = update(
        photos, None, WantedEncoder(None, None, encoders), False, Reading(), silent
    )
    assert len(index) == 124
    assert done.embedded == encoders.images <= 124 - kept


def test_kill_9_in_a_rebuild_leaves_the_old_vectors_and_goes_on(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    for number in range(100):
        write(photos / "blue" / f"more{number}.png", PATTERN + number)
    refreshed("pixels")[0].close()
    child = subprocess.Popen([sys.executable, "-c", SLOW, str(photos), "rebuild"])
    reader = open_index(photos, encoders)
    deadline, done = time.monotonic() + 60, 0
    while time.monotonic() < deadline and not done:
        time.sleep(0.05)
        (done,) = reader.store._db.row(  # type: ignore[attr-defined]
            "SELECT count(*) FROM vector JOIN encoder ON encoder.id = encoder WHERE spec = 'dark'"
        )
    child.kill()
    child.wait()
    assert 0 < done < 124
    assert reader.store.encoder().spec == "pixels"  # type: ignore[union-attr]
    assert len(reader.search(3, 200, duplicates="show").results) == 123
    index, refresh = refreshed("dark", is_rebuild=True)
    assert (refresh.embedded, len(index)) == (encoders.images - 124, 124)
    assert 0 < refresh.embedded <= 124 - done
    assert refresh.unchanged == 124 - refresh.embedded
