"""An index stays true: what is new or changed is embedded, and nothing else."""

import os
import shutil
import sys
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
