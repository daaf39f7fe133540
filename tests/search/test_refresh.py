"""An index stays true: what is new or changed is embedded, and nothing else."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloom.data.images.reading import Reading
from handloom.errors import UserError
from handloom.search.columns import UserColumn
from handloom.search.index import Index
from handloom.search.opening import open_index, update
from handloom.search.refresh import Refreshed, WantedEncoder
from tests.search.conftest import Encoders, by_path, settle, silent, write

Run = Callable[..., tuple[Index, Refreshed]]
PATTERN = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5


def test_only_what_is_new_or_changed_is_embedded(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    index, done = refreshed()
    assert (len(index), done.embedded, encoders.images) == (24, 24, 24)
    write(photos / "red" / "new.png", PATTERN)
    write(photos / "red" / "0.png", PATTERN[::-1])
    os.rename(photos / "blue" / "1.png", photos / "green" / "moved.png")
    (photos / "blue" / "2.png").unlink()
    shutil.copy2(photos / "blue" / "3.png", photos / "blue" / "copy.png")
    index, done = refreshed()
    assert encoders.images == 26
    assert (done.embedded, done.renamed, done.removed) == (2, 2, 1)
    assert len(index) == 25
    images = by_path(index.store)
    assert images["green/moved.png"].label == "green"
    assert "blue/2.png" not in images
    shutil.copy(photos / "green" / "moved.png", photos.parent / "query.png")
    nearest = index.search(photos.parent / "query.png", 1).results[0]
    assert Path(nearest.path).name == "moved.png"


def test_what_is_unchanged_is_neither_read_nor_encoded(
    refreshed: Run, photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed()
    made = len(encoders.made)
    monkeypatch.setattr("handloom.search.contents.with_content", None)  # whoever reads, fails
    _, done = refreshed()
    assert done.unchanged == 24
    assert len(encoders.made) == made


def test_a_file_of_the_same_size_and_time_that_was_just_written_is_read_again(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    write(photos / "red" / "now.bmp", PATTERN, age=0)
    refreshed()
    state = (photos / "red" / "now.bmp").stat()
    write(photos / "red" / "now.bmp", PATTERN + 1, age=0)
    assert (photos / "red" / "now.bmp").stat().st_size == state.st_size
    os.utime(photos / "red" / "now.bmp", ns=(state.st_atime_ns, state.st_mtime_ns))
    _, done = refreshed()
    assert done.embedded == 1


def test_what_lies_in_a_folder_that_cannot_be_read_stays(
    refreshed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed()
    scandir, closed = os.scandir, photos / "blue"

    def refuse(folder: Any) -> Any:
        if Path(folder) == closed:
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    index, done = refreshed()
    assert (len(index), done.removed, done.embedded) == (24, 0, 0)
    assert "blue/1.png" in by_path(index.store)
    monkeypatch.undo()
    (closed / "1.png").unlink()
    index, done = refreshed()
    assert (len(index), done.removed) == (23, 1)


def test_broken_files_are_asked_again_only_when_they_change(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    broken = photos / "red" / "broken.png"
    broken.write_bytes(b"no image")
    settle(broken)
    index, done = refreshed()
    assert [path for path, _ in done.broken] == ["red/broken.png"]
    assert len(index) == 24
    made = len(encoders.made)
    _, done = refreshed()
    assert [path for path, _ in done.broken] == ["red/broken.png"]
    assert done.unchanged == 24
    assert len(encoders.made) == made  # nothing was decoded
    write(broken, PATTERN)
    index, done = refreshed()
    assert done.broken == ()
    assert len(index) == 25


def test_another_encoder_is_refused_and_rebuilds_beside(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    refreshed("pixels")
    with pytest.raises(UserError, match=r"vectors of pixels, .* those of dark: .* add --rebuild"):
        refreshed("dark")
    index, done = refreshed("dark", is_rebuild=True)
    assert done.encoder.spec == "dark"
    assert (done.embedded, done.unchanged, len(index)) == (24, 0, 24)
    _, done = refreshed()
    assert (done.encoder.spec, done.unchanged) == ("dark", 24)


def test_an_index_that_is_open_searches_by_the_encoder_of_a_rebuild(
    refreshed: Run, photos: Path, encoders: Encoders, tmp_path: Path
) -> None:
    refreshed("pixels")[0].close()
    query = tmp_path / "query.png"
    write(query, 255 - PATTERN)  # no image of the collection, so that it is encoded
    with open_index(photos, encoders) as index:
        before = index.search(query).results[0].score
        refreshed("dark", is_rebuild=True)[0].close()
        after = index.search(query).results[0].score
    with open_index(photos, encoders) as index:
        assert after == index.search(query).results[0].score
    assert after != before


def test_a_rebuild_that_ends_while_a_query_is_encoded(
    refreshed: Run, photos: Path, encoders: Encoders, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    refreshed("pixels")[0].close()
    query = tmp_path / "query.png"
    write(query, 255 - PATTERN)
    with open_index(photos, encoders) as index:
        combined, rebuilt = index.queries.combined, list[bool]()

        def slow(*given: Any) -> Any:
            made = combined(*given)
            if not rebuilt:
                rebuilt.append(True)
                refreshed("dark", is_rebuild=True)[0].close()
            return made

        monkeypatch.setattr(index.queries, "combined", slow)
        found = index.search(query).results
    with open_index(photos, encoders) as index:
        assert found == index.search(query).results


def test_a_renamed_collection_with_its_index_is_the_same(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    refreshed()[0].close()
    moved = photos.parent / "elsewhere" / "images"
    moved.parent.mkdir()
    photos.rename(moved)
    (photos.parent / "photos.index").rename(moved.parent / "images.index")
    index, done, _ = update(
        moved, None, WantedEncoder(None, None, encoders), False, Reading(), silent
    )
    assert (done.unchanged, encoders.images) == (24, 24)
    assert Path(index.search(1, 1).results[0].path).exists()


def test_an_index_of_other_images_is_refused(refreshed: Run, photos: Path, tmp_path: Path) -> None:
    refreshed()
    other = tmp_path / "other"
    write(other / "a.png", PATTERN)
    with pytest.raises(UserError, match=r"is the index of .*photos.*: name another --store"):
        update(other, tmp_path / "photos.index", WantedEncoder(None, None, Encoders()), False,
               Reading(), silent)  # fmt: skip


def test_places_that_are_no_index_are_refused(photos: Path, tmp_path: Path) -> None:
    wanted = WantedEncoder(None, None, Encoders())
    (tmp_path / "file").write_text("text")
    for place, sentence in ((photos, "a folder of other things"), (tmp_path / "file", "a file")):
        with pytest.raises(UserError, match=sentence):
            update(photos, place, wanted, False, Reading(), silent)
    (tmp_path / "empty").mkdir()
    for data, sentence in ((tmp_path / "empty", "holds no images"), (tmp_path / "no", "not exist"),
                           (photos / "red" / "0.png", "is a single file")):  # fmt: skip
        with pytest.raises(UserError, match=sentence):
            update(data, None, wanted, False, Reading(), silent)


@pytest.mark.parametrize("name", ["a/b/x.index", "lite.db"])
def test_an_encoder_that_there_is_not_leaves_nothing(
    photos: Path, tmp_path: Path, name: str
) -> None:
    wanted = WantedEncoder("misspelt", None, Encoders())
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match="there is no encoder 'misspelt'"):
        update(photos, tmp_path / name, wanted, False, Reading(), silent)
    assert sorted(tmp_path.rglob("*")) == before


def test_none_that_can_be_read_is_an_error_with_the_first_reason(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"none of the 1 images .* \('a.png': the file is empty\)"):
        update(
            tmp_path / "x", None, WantedEncoder(None, None, Encoders()), False, Reading(), silent
        )


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode there")
def test_folders_that_are_not_unicode_are_labels(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    (photos / "blue").rename(photos / os.fsdecode(b"bl\xfc"))
    index, done = refreshed()
    assert (done.total, done.broken) == (24, ())
    where = "label = 'bl\\udcfc'"  # written out, so that it can be typed
    assert len(index.search(1, 30, where=where, duplicates="show").results) in (7, 8)
    assert refreshed()[1].unchanged == 24
    assert encoders.images == 24


def test_a_stray_image_has_no_label_and_the_others_keep_theirs(
    refreshed: Run, photos: Path
) -> None:
    write(photos / "stray.png", np.full((4, 4, 3), 90, np.uint8))
    index, _ = refreshed()
    labels = {path: entry.label for path, entry in by_path(index.store).items()}
    assert labels.pop("stray.png") is None
    assert len(labels) == 24
    assert all(label == path.partition("/")[0] for path, label in labels.items())


def test_the_columns_of_a_table_are_metadata(photos: Path, encoders: Encoders) -> None:
    table = photos.parent / "shop.csv"
    rows = [f"photos/red/{n}.png,shoes,{n}.5,{'' if n else 'none'}" for n in range(4)]
    table.write_text("image,label,price,note\n" + "\n".join(rows) + "\n")
    wanted = WantedEncoder(None, None, encoders)
    index, _, _ = update(table, None, wanted, False, Reading(), silent)
    assert index.store.columns()["price"] == "number"
    found = index.search(photos / "blue" / "0.png", 9, where="price > 1 and note != 'none'")
    assert sorted(dict(each.own)["price"] for each in found.results) == [1.5, 2.5, 3.5]
    table.write_text(
        "image,label,cost\n" + "\n".join(f"photos/red/{n}.png,a,{n}" for n in range(4))
    )
    index, done, _ = update(table, None, wanted, False, Reading(), silent)
    assert (done.unchanged, encoders.images) == (4, 4 + 1)  # and a query
    assert "price" not in index.store.columns()
    assert (
        len(index.search(photos / "blue" / "0.png", 9, where="cost >= 2 and label = 'a'").results)
        == 2
    )


def test_prices_with_a_decimal_comma_are_numbers(photos: Path, encoders: Encoders) -> None:
    table, wanted = photos.parent / "shop.csv", WantedEncoder(None, None, encoders)
    prices = ["8,90", "19,90", "102,00", "n/a"]

    def indexed() -> tuple[Index, tuple[str, ...]]:
        rows = [f"photos/red/{n}.png;{price}" for n, price in enumerate(prices)]
        table.write_text("image;price\n" + "\n".join(rows) + "\n")
        index, _, notes = update(table, None, wanted, False, Reading(), silent)
        return index, notes

    index, notes = indexed()
    assert (
        "price is read as numbers with a decimal comma; 1 cell without one, such as 'n/a'" in notes
    )
    query = photos / "blue" / "0.png"
    found = index.search(query, 9, where="price < 20").results
    assert sorted(str(dict(each.own)["price"]) for each in found) == ["19.9", "8.9"]
    with pytest.raises(UserError, match="price is a number, and '20' is text: write 20, without"):
        index.search(query, where="price < '20'")
    index.close()
    prices[3] = "on request"
    index, notes = indexed()
    assert any(note.startswith("price is text because of 'on request' (1 cell)") for note in notes)
    for where in ("price < 20", "price < '20'"):  # as texts, 102,00 is less than 20
        with pytest.raises(UserError, match="text because of cells such as 'on request'"):
            index.search(query, where=where)
    assert len(index.search(query, 9, where="price = '8,90'").results) == 1
    index.close()


def test_an_index_that_has_numbers_as_text_gets_them(
    photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of an earlier version, which read no decimal comma."""
    table, wanted = photos.parent / "shop.csv", WantedEncoder(None, None, encoders)
    rows = [f"photos/red/{n}.png;{n},90;{n}" for n in range(4)]
    table.write_text("image;price;stock\n" + "\n".join(rows) + "\n")
    with monkeypatch.context() as patch:
        patch.setattr("handloom.search.scan.read_column", as_texts)
        update(table, None, wanted, False, Reading(), silent)[0].close()
    query = photos / "blue" / "0.png"
    with open_index(photos.parent / "shop.index", encoders) as index:
        for where in ("price < 2", "price < '2'", "price > '2,5'"):
            with pytest.raises(UserError, match=r"was indexed as text, .* as '0,90' is"):
                index.search(query, where=where)
    index, done, _ = update(table, None, wanted, False, Reading(), silent)
    assert (done.unchanged, done.embedded) == (4, 0)
    assert len(index.search(query, 9, where="price < 2 and stock >= 0").results) == 2
    assert dict(by_path(index.store)["photos/red/3.png"].own) == {"price": 3.9, "stock": 3}
    index.close()


def as_texts(name: str, cells: Sequence[str]) -> UserColumn:
    """A column as it is written."""
    return UserColumn("text", list(cells), ())


def test_a_killed_refresh_shows_no_column_as_another(
    photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, wanted = photos.parent / "shop.csv", WantedEncoder(None, None, encoders)
    rows = [f"photos/red/{n}.png,{n}.5,{9 - n}" for n in range(4)]
    table.write_text("image,price,weight\n" + "\n".join(rows) + "\n")
    update(table, None, wanted, False, Reading(), silent)[0].close()
    rows = [f"photos/red/{n}.png,{9 - n},{n}.5" for n in range(4)]
    table.write_text("image,weight,price\n" + "\n".join(rows) + "\n")
    write(photos / "red" / "3.png", PATTERN)  # to be embedded, which is killed
    with monkeypatch.context() as patch:
        patch.setattr("handloom.search.refresh.embed_images", None)
        with pytest.raises(TypeError):
            update(table, None, wanted, False, Reading(), silent)
    with open_index(photos.parent / "shop.index", encoders) as index:
        assert dict(by_path(index.store)["photos/red/3.png"].own) == {"weight": 6, "price": 3.5}
        found = index.search(1, 9, where="price < 5 and weight > 5", duplicates="show").results
        assert len(found) == 3  # and the query itself


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
