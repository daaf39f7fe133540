"""One rule for what an argument for data means, and where data lie after a move."""

import os
import shutil
from pathlib import Path

import pytest

from handloom.data.io.names import absent, locate, nearest_path, relative_to_run, resolve, way
from handloom.errors import UserError

SETS = ("digits", "fashion-mnist", "pydoc")


@pytest.mark.parametrize("written", ["digits", "Digits", "fashion_mnist", "pydoc"])
def test_a_bare_name_is_the_built_in_set(written: str) -> None:
    place = resolve(written, SETS)
    assert (place.path, place.note) == (None, None)
    assert place.name in SETS


@pytest.mark.parametrize(
    "written", ["./digits", "data/digits", "digits.csv", "flowers", "~/digits"]
)
def test_everything_else_is_a_path(written: str) -> None:
    place = resolve(written, SETS)
    assert place.name is None
    assert place.path == Path(written).expanduser()


def test_a_path_object_is_a_path() -> None:
    assert resolve(Path("digits"), SETS).path == Path("digits")


@pytest.mark.parametrize("name", ["digits", "pydoc", "Digits"])
def test_both_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    place = resolve(name, SETS)
    assert place.name == name.lower()
    assert place.note is not None
    assert f"'./{name}'" in place.note


def test_a_folder_in_place_of_a_file_is_not_said_to_be_absent(tmp_path: Path) -> None:
    """It was answered by its own name: 'x' does not exist: did you mean 'x'?"""
    (tmp_path / "after").mkdir()
    assert "is a folder" in str(absent(tmp_path / "after", "give an image"))
    assert "does not exist" in str(absent(tmp_path / "other", "give an image"))


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_empty_is_refused(empty: str) -> None:
    with pytest.raises(UserError, match="empty"):
        resolve(empty, SETS)


@pytest.mark.parametrize(
    ("run", "data"), [("runs/a", "photos"), ("a", "x/table.csv"), ("r/a/b", "r/d")]
)
def test_run_and_data_moved_together(tmp_path: Path, run: str, data: str) -> None:
    old = tmp_path / "old" / "übung 1"
    (old / run).mkdir(parents=True)
    (old / data).mkdir(parents=True)
    recorded, relative = str((old / data).resolve()), relative_to_run(old / data, old / run)
    new = tmp_path / "new place" / "übung 1"
    new.parent.mkdir()
    shutil.move(old, new)
    assert locate(recorded, new / run, relative) == (new / data).resolve()
    assert locate(recorded, new / run) == (new / data).resolve()  # by the ends of the path
    assert locate(str(tmp_path / "gone"), new / run) is None


def test_there_is_no_way_from_one_drive_of_windows_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert way(tmp_path / "a" / "b", tmp_path / "c") == "../a/b"

    def other_drive(*_: object) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", other_drive)
    (tmp_path / "data").mkdir()
    relative = relative_to_run(tmp_path / "data", tmp_path / "run")
    assert relative == str(tmp_path / "data")
    assert locate("gone", tmp_path / "run", relative) == tmp_path / "data"


def test_a_copy_uses_its_own_data(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place / "run").mkdir(parents=True)
        (tmp_path / place / "data").mkdir()
    recorded = str(tmp_path / "one" / "data")
    assert locate(recorded, tmp_path / "two" / "run", "../data") == tmp_path / "two" / "data"
    assert locate(recorded, tmp_path / "two" / "run") == tmp_path / "one" / "data"


def test_a_path_that_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos" / "red").mkdir(parents=True)
    (tmp_path / "photos" / "red" / "shoe.png").touch()
    (tmp_path / ".photo").touch()
    assert nearest_path("./photo") == nearest_path("photo") == "./photos"
    assert nearest_path("photo/red") == str(Path("photos", "red"))
    assert nearest_path(tmp_path / "photos/red/shoes.png") == str(tmp_path / "photos/red/shoe.png")
    assert nearest_path("photo/blue") is None
    assert nearest_path("something else") is None
    for name in ("x" * 300, "a\0b"):
        assert nearest_path(name) is None
    for name in ("x2.png", "img_001.png", "run-8.png", "x.png"):
        (tmp_path / name).touch()
    for other in ("nix.png", "img_002.png", "run-3.png", "8.png", "1,0", "x-ray.png"):
        assert nearest_path(other) is None
    assert nearest_path("imgs_001.jpg") == "./img_001.png"
    assert str(absent("photo", "x")) == "'photo' does not exist: did you mean './photos'?"
    assert str(absent("other", "give a folder")) == "'other' does not exist: give a folder"
