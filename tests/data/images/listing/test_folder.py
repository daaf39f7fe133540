"""Class folders at any depth, own splits, and what is wrong with a folder in one sentence."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from handloom.data.images.listing.folder import list_folder
from handloom.data.images.load import load
from handloom.errors import UserError


def test_class_is_the_first_level(photos: Path) -> None:
    listing = list_folder(photos, labelled=True)
    assert listing.classes == ("cat", "dog", "owl")
    assert len(listing.paths) == 30
    assert "dog/more/9.png" in listing.names
    assert listing.label is not None
    assert listing.label[listing.names.index("dog/more/9.png")] == 1


def test_own_splits(photos: Path, tmp_path: Path) -> None:
    root = tmp_path / "split"
    for split in ("test", "Train", "val"):
        shutil.copytree(photos, root / split)
    found = load(root)
    assert found.test is not None
    assert found.valid is not None
    assert [len(found.train), len(found.valid), len(found.test)] == [30, 30, 30]
    assert found.train.classes == ("cat", "dog", "owl")
    assert all(name.startswith("Train/") for name in found.train.names)
    assert any("flatter" in note for note in found.notes)  # the same images are in all three


def test_classes_named_train_and_bus(tmp_path: Path, photos: Path) -> None:
    for name in ("train", "bus", "car"):
        shutil.copytree(photos / "cat", tmp_path / "vehicles" / name)
    listing = list_folder(tmp_path / "vehicles", labelled=True)
    assert listing.classes == ("bus", "car", "train")
    assert "'train' is read as a class" in listing.notes[0]


@pytest.mark.parametrize("wrap", ["clothing", "wrap/clothing"])
def test_folders_in_a_folder_are_looked_through(wrap: str, photos: Path, tmp_path: Path) -> None:
    root = tmp_path / "unpacked"
    shutil.copytree(photos, root / wrap)
    (root / "README.txt").write_text("x")
    listing = list_folder(root, labelled=True)
    assert listing.classes == ("cat", "dog", "owl")
    assert f"{wrap}/dog/more/9.png" in listing.names
    assert listing.notes[0] == f"the classes are the subfolders of '{wrap}' in '{root}'"


def test_own_splits_in_a_folder(photos: Path, tmp_path: Path) -> None:
    for split in ("train", "test"):
        shutil.copytree(photos, tmp_path / "unpacked" / "set" / split)
    listing = list_folder(tmp_path / "unpacked", labelled=True)
    assert (listing.classes, set(listing.split)) == (("cat", "dog", "owl"), {"train", "test"})


def test_a_class_with_folders_of_its_own_stays_one_class(photos: Path, tmp_path: Path) -> None:
    shutil.copytree(photos / "cat", tmp_path / "pets" / "cat")
    shutil.copytree(photos / "dog", tmp_path / "pets" / "cat" / "kittens")
    with pytest.raises(UserError, match=r"only one class \('cat'\).*so add images"):
        load(tmp_path / "pets")


def test_other_files_are_passed_over(photos: Path) -> None:
    (photos / "cat" / "notes.txt").write_text("x")
    (photos / "cat" / ".hidden.jpg").write_text("x")
    (photos / ".cache").mkdir()
    (photos / ".cache" / "a.jpg").write_text("x")
    # Of a table in this folder: its files are not the user's.
    (photos / "clean.index" / "matrix-1-0-9").mkdir(parents=True)
    for name in ("index.sqlite", "matrix-1-0-9/vector.npy", "writing.lock"):
        (photos / "clean.index" / name).write_text("x")
    listing = list_folder(photos, labelled=True)
    assert len(listing.paths) == 30
    assert listing.notes == ("passed over 1 file without an image's suffix",)


def test_links_in_a_circle(photos: Path) -> None:
    try:
        (photos / "cat" / "loop").symlink_to(photos, target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")
    assert len(list_folder(photos, labelled=True).paths) == 30


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "holds no images"),
        (["a.txt"], "holds no images"),
        (["a.png", "b.png"], "no class folders"),
        (["cat/a.png", "cat/b.png"], r"only one class \('cat'\)"),
        (["cat/a.png", "dog/b.png", "c.png"], "beside the class folders"),
        (["train/a.png", "test/b.png"], "no class folders"),
    ],
)
def test_errors(tmp_path: Path, files: list[str], message: str) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("L", (9, 9)).save(tmp_path / name, "png")
    with pytest.raises(UserError, match=message):
        load(tmp_path)


def test_flat_folder_without_labels(photos: Path) -> None:
    found = load(photos / "cat", labelled=False)
    assert found.train.label is None
    assert found.train.classes == ()
    assert len(found.train) == 8


@pytest.mark.parametrize(("closed", "is_refused"), [("dog", True), ("dog/more", False)])
def test_a_class_that_cannot_be_read_is_no_class_less(
    closed: str, is_refused: bool, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(folder: Any) -> Any:
        if Path(folder) == photos / closed:
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    if is_refused:
        with pytest.raises(UserError, match=r"cannot be read .* and may be a class"):
            list_folder(photos, labelled=True)
        assert list_folder(photos, labelled=False).notes
    else:
        notes = list_folder(photos, labelled=True).notes
        assert any("1 folder cannot be read, the first is 'dog/more'" in note for note in notes)
