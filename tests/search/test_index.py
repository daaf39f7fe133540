"""Searching: queries, their sums, conditions, copies, and the least score."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.cli.main import main
from handloom.errors import UserError
from handloom.search.index import Index
from handloom.search.opening import open_index
from handloom.search.refresh import Refreshed
from tests.search.conftest import Encoders, write

Run = Callable[..., tuple[Index, Refreshed]]
PATTERN = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5


def test_an_image_finds_its_like(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed()
    query = photos.parent / "query.png"
    shutil.copy(photos / "red" / "3.png", query)
    answer = index.search(query, 5)
    assert answer.results[0].path == str(photos / "red" / "3.png")
    assert answer.results[0].score == pytest.approx(1, abs=1e-5)
    assert [each.label for each in answer.results] == ["red"] * 5
    scores = [each.score for each in answer.results]
    assert scores == sorted(scores, reverse=True)


def test_an_image_of_the_collection_is_left_out_of_its_own_answer(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    index, _ = refreshed()
    shutil.copy(photos / "red" / "3.png", photos / "copy.png")
    index, _ = refreshed()
    for query in (5, photos / "red" / "3.png"):
        answer = index.search(query, 100, duplicates="show")
        assert len(answer.results) == 24
        assert answer.itself is not None
        assert answer.itself.id not in {each.id for each in answer.results}
    assert Path(answer.results[0].path).name == "copy.png"  # a copy is another image
    assert not encoders.made[1:]  # a content that is known needs no encoder


def test_images_in_memory_are_queries_too(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed()
    with Image.open(photos / "red" / "3.png") as image:
        pixels = np.asarray(image.convert("RGB"))
        for query in (image, pixels, (photos / "red" / "3.png").read_bytes()):
            first = index.search(query, 1).results[0]
            assert Path(first.path).name == "3.png"
            assert first.score == pytest.approx(1, abs=1e-4)


def test_conditions_scores_and_small_collections(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed()
    query = photos / "red" / "3.png"
    found = index.search(query, 100, where="label != 'red' and path like '%3.png'")
    assert [each.label for each in found.results] in (["blue", "green"], ["green", "blue"])
    scores = [each.score for each in index.search(query, 100).results]
    strict = index.search(query, 100, min_score=scores[3] - 1e-6)
    assert [each.score for each in strict.results] == scores[:4]
    assert strict.below == scores[4]
    for number in (float("nan"), 1.5, "0.5"):
        with pytest.raises(UserError, match=r"min_score.*: must be auto, or a number"):
            index.search(query, min_score=number)  # type: ignore[arg-type]


def test_queries_are_added_and_taken_away(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed()
    red, blue = photos / "red" / "0.png", photos / "blue" / "0.png"
    both = {each.path: each.score for each in index.search(red, 24, plus=[blue]).results}
    assert len(both) == 22  # what is asked for is no answer
    total = index.vector(red) + index.vector(blue)
    other = photos / "green" / "5.png"
    score = float(index.vector(other) @ total / np.linalg.norm(total))
    assert both[str(other)] == pytest.approx(score, abs=1e-5)
    away = index.search(red, 24, minus=[blue]).results
    assert away[-1].label == "blue"
    with pytest.raises(UserError, match="the query is nothing"):
        index.search(red, minus=[red])
    with pytest.raises(UserError, match="there is no query"):
        index.search()


def test_copies_fold_into_one_result(refreshed: Run, photos: Path) -> None:
    original = photos / "red" / "3.png"
    shutil.copy(original, photos / "red" / "3 again.png")
    with Image.open(original) as image:
        image.resize((90, 90)).save(photos / "red" / "3 larger.jpg", quality=60)
    index, _ = refreshed()
    first, second = index.search(original, 2).results
    assert {Path(each).name for each in (first.path, *first.copies)} == {
        "3 again.png", "3 larger.jpg"
    }  # fmt: skip
    assert not second.path.startswith(str(photos / "red" / "3"))
    shown = index.search(original, 2, duplicates="show").results
    assert {Path(each.path).name for each in shown} == {"3 again.png", "3 larger.jpg"}
    assert all(not each.copies for each in shown)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("red shoes", "is not the path of an image, and the encoder .* pixels, reads no words"),
        ("photos/red/33.png", "'photos/red/33.png' does not exist: there is no such image in"),
        ("nowhere/33.png", "there is no such image in 'nowhere'"),
        ("photos/red/three", "'photos/red/three' does not exist"),
        ("./red shirt", "'./red shirt' does not exist"),
        ("red/blue shirt", "is not the path of an image, and the encoder .* reads no words"),
        ("red " * 200, "is not the path of an image, and the encoder .* reads no words"),
        ("photos", "is a folder: give one image"),
        ("broken.png", "cannot be read as an image"),
    ],
)
def test_queries_that_cannot_be_are_one_sentence(
    refreshed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch, query: str, sentence: str
) -> None:
    index, _ = refreshed()
    monkeypatch.chdir(photos.parent)
    (photos.parent / "broken.png").write_text("no image")
    with pytest.raises(UserError, match=sentence):
        index.search(query)


def test_the_images_stand_for_their_index(
    refreshed: Run, photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed()
    monkeypatch.chdir(photos.parent)
    for name in ("photos", "photos.index", photos, "./photos/"):
        index = open_index(name, encoders)
        assert index.search(3, 1).results[0].path.startswith("photos/")  # as it opens from here
    write(Path("others/a.png"), PATTERN)
    for name, sentence in (("others", "has none beside it"), ("nothing", "does not exist"),
                           ("photos/red/1.png", "is a file, not an index")):  # fmt: skip
        with pytest.raises(UserError, match=sentence):
            open_index(name, encoders)


def test_other_programs_databases_and_damaged_ones_are_refused(
    tmp_path: Path, encoders: Encoders
) -> None:
    (tmp_path / "other.index").mkdir()
    with sqlite3.connect(tmp_path / "other.index" / "index.sqlite") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(UserError, match="another program's database"):
        open_index(tmp_path / "other.index", encoders)
    (tmp_path / "damaged.index").mkdir()
    (tmp_path / "damaged.index" / "index.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(UserError, match=r"cannot be opened .*: remove the folder"):
        open_index(tmp_path / "damaged.index", encoders)


def test_what_sqlite_says_of_a_search_is_one_sentence(
    refreshed: Run, photos: Path, encoders: Encoders
) -> None:
    index, _ = refreshed()
    index.store._db.connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 20)  # type: ignore[attr-defined]
    deep = "not " * 30 + "size = 1"
    with pytest.raises(UserError, match=r"cannot be asked so much .*: make where shorter"):
        index.search(1, where=deep)
    pages = index.store._db.rows("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'image'")  # type: ignore[attr-defined]
    index.close()
    with (photos.parent / "photos.index" / "index.sqlite").open("r+b") as file:
        for (page,) in pages:
            file.seek(4096 * (page - 1))
            file.write(b"\xff" * 4096)
    damaged = open_index(photos, encoders)
    for search in (
        lambda: damaged.search(1),
        lambda: len(damaged),
        lambda: list(damaged.store.entries()),
    ):
        with pytest.raises(UserError, match=r"is damaged .*: remove the folder"):
            search()


def test_a_stale_encoder_is_refused(refreshed: Run, photos: Path) -> None:
    index, _ = refreshed("dark", True)

    def changed(spec: str | None, weights: Path | None) -> object:
        vectorizer = Encoders()("dark", None)
        vectorizer.record = vectorizer.record._replace(fingerprint="e" * 32)
        return vectorizer

    index = open_index(photos, changed)  # type: ignore[arg-type]
    write(photos.parent / "query.png", PATTERN)
    with pytest.raises(UserError, match="has other weights now"):
        index.search(photos.parent / "query.png")
    assert index.search(3).results  # needs no encoder


def test_an_index_that_can_only_be_read_answers(
    refreshed: Run, photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed()[0].close()
    folder = photos.parent / "photos.index"
    shutil.rmtree(next(folder.glob("matrix-*")))
    before = sorted(folder.iterdir())
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr("handloom.search.matrix.Path.mkdir", refused)
    index = open_index(photos, encoders)
    assert index.search(photos / "red" / "3.png").results[0].label == "red"
    assert index.calibration().min_score > 0
    index.close()
    assert sorted(folder.iterdir()) == before


def refused(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_built_in_set_has_no_files_to_index(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "digits"]) == 2
    assert "the built-in set digits has no files that an index" in capsys.readouterr().err
