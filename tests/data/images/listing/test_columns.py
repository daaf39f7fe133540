"""Tables as people have them: read rightly, or refused with one sentence."""

from pathlib import Path

import pytest

from handloom.data.images.listing.folder import NoLabels
from handloom.data.images.listing.table import list_table
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.errors import UserError
from tests.data.conftest import Draw

KINDS = ("disc", "bar", "cross")


@pytest.fixture
def folder(tmp_path: Path, draw: Draw) -> Path:
    """A folder `train` of 12 images: 000.jpg to 011.jpg."""
    (tmp_path / "train").mkdir()
    for number in range(12):
        draw(number).resize((20, 20)).save(tmp_path / "train" / f"{number:03}.jpg")
    return tmp_path


def table(folder: Path, header: str, *columns: list[str], name: str = "t.csv") -> Path:
    rows = [",".join(cells) for cells in zip(*columns, strict=True)]
    (folder / name).write_text("\n".join([*([header] if header else []), *rows]) + "\n")
    return folder / name


def files(form: str = "train/{:03}.jpg") -> list[str]:
    return [form.format(number) for number in range(12)]


def kinds() -> list[str]:
    return [KINDS[number % 3] for number in range(12)]


@pytest.mark.parametrize(
    "header",
    ["image,label", "filename,class", "File_Path,Category", "path,target", "image_id,labels", ""],
)
def test_usual_names(folder: Path, header: str) -> None:
    listing = list_table(table(folder, header, files(), kinds()), True)
    assert (len(listing.paths), listing.classes) == (12, ("bar", "cross", "disc"))
    assert bool(header) or "no header" in listing.notes[0]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("image,label,Label", "2 columns that may hold labels .*--label-column"),
        ("image,label,label", "2 columns that may hold labels"),
        ("image,class,category", "2 columns that may hold labels"),
        ("image,file,label", "2 columns that may hold images .*--image-column"),
    ],
)
def test_several_columns_stop(folder: Path, header: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        list_table(table(folder, header, files(), kinds(), kinds()), True)


def test_options_name_columns(folder: Path) -> None:
    path = table(folder, "x,label,Label", files(), kinds(), ["a", "b"] * 6)
    listing = list_table(path, True, Reading(image_column="x", label_column="Label"))
    assert listing.classes == ("a", "b")
    with pytest.raises(UserError, match=r"--image-column y --label-column z: .* such columns"):
        list_table(path, True, Reading(image_column="y", label_column="z"))
    with pytest.raises(UserError, match="--label-column z"):
        list_table(path, True, Reading(image_column="x", label_column="z"))


@pytest.mark.parametrize("form", ["{:03}", "{:03}.jpg", "train/{:03}", "train\\{:03}.jpg"])
def test_names_without_suffix_or_folder(folder: Path, form: str) -> None:
    listing = list_table(table(folder, "image,label", files(form), kinds()), True)
    assert [path.name for path in listing.paths] == files("{:03}.jpg")
    assert listing.notes


def test_root(folder: Path, tmp_path: Path) -> None:
    (folder / "tables" / "deep").mkdir(parents=True)
    path = table(folder / "tables" / "deep", "image,label", files("{:03}.jpg"), kinds())
    with pytest.raises(UserError, match="--root"):
        list_table(path, True)
    assert len(list_table(path, True, Reading(root=folder / "train")).paths) == 12
    with pytest.raises(UserError, match="the folder does not exist"):
        list_table(path, True, Reading(root=folder / "gone"))


@pytest.mark.parametrize("word", ["NA", "nan", "None", "null", "n/a"])
def test_words_for_missing_labels(folder: Path, word: str) -> None:
    labels = [word if number % 4 == 0 else "ab"[number % 2] for number in range(12)]
    path = table(folder, "image,label", files(), labels)
    with pytest.raises(UserError, match=r"3 rows .*row 2.*--unclear-labels"):
        list_table(path, True)
    assert word in list_table(path, True, Reading(unclear_labels="class")).classes
    found = load(path, Reading(unclear_labels="drop"), validation=0)
    assert (len(found.train), found.train.classes) == (9, ("a", "b"))
    assert any("3 images: without a label" in note for note in found.notes)


def test_whole_numbers_with_a_point(folder: Path) -> None:
    labels = [f"{number % 3}.0" for number in range(12)]
    assert list_table(table(folder, "image,label", files(), labels), True).classes == (
        "0", "1", "2"
    )  # fmt: skip


@pytest.mark.parametrize(
    "labels",
    [
        ["disc bar", "bar disc", "cross"] * 4,
        ["disc|bar", "bar", "disc"] * 4,
        ["a;b", "a", "b"] * 4,
        ["red blue", "blue green", "red green", "red", "blue", "green"] * 2,
    ],
)
def test_several_labels_in_a_cell_stop(folder: Path, labels: list[str]) -> None:
    with pytest.raises(UserError, match="several labels in a cell"):
        list_table(table(folder, "image,label", files(), labels), True)


def test_names_of_two_words_are_labels(folder: Path) -> None:
    labels = ["golden retriever", "labrador retriever", "poodle"] * 4
    assert len(list_table(table(folder, "image,label", files(), labels), True).classes) == 3


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("split", ["dev", "train", "Testing"], {"valid", "train", "test"}),
        ("Set", ["training", "holdout", "train"], {"train", "test"}),
        ("is_valid", ["True", "False", "0"], {"train", "valid"}),
        ("is_test", ["1", "0", "no"], {"train", "test"}),
    ],
)
def test_splits(folder: Path, header: str, cells: list[str], expected: set[str]) -> None:
    path = table(folder, f"image,label,{header}", files(), kinds(), cells * 4)
    assert set(list_table(path, True).split) == expected


@pytest.mark.parametrize("cell", ["fit", "2", "", "train-8"])
def test_other_splits_stop(folder: Path, cell: str) -> None:
    path = table(folder, "image,label,split", files(), kinds(), ["train", "val", cell] * 4)
    with pytest.raises(UserError, match=r"in row 4.*--splits"):
        list_table(path, True)
    meaning = Reading(splits=f"train=train,valid=val+{cell}") if cell else Reading(splits="none")
    assert len(list_table(path, True, meaning).paths) == 12


def test_one_hot(folder: Path) -> None:
    columns = [["1" if kind == one else "0" for kind in kinds()] for one in KINDS]
    listing = list_table(table(folder, "image,disc,bar,cross", files(), *columns), True)
    assert [listing.classes[number] for number in listing.label or ()] == kinds()


def test_contradictions_and_repetitions(folder: Path) -> None:
    path = table(folder, "image,label", [*files(), *files()[:2]], [*kinds(), "bar", "bar"])
    listing = list_table(path, True)
    assert [entry.path for entry in listing.broken] == ["train/000.jpg"]
    assert "2 labels (bar, disc)" in listing.broken[0].reason
    assert len(listing.paths) == 11
    assert any("1 row repeated" in note for note in listing.notes)


def test_quantities_and_no_labels(folder: Path, draw: Draw) -> None:
    for number in range(12, 40):
        draw(number).save(folder / "train" / f"{number:03}.jpg")
    names = [f"train/{number:03}.jpg" for number in range(40)]
    with pytest.raises(UserError, match="different numbers as labels"):
        list_table(table(folder, "image,label", names, [f"0.{n:03}" for n in range(40)]), True)
    with pytest.raises(NoLabels, match="no column of labels"):
        list_table(table(folder, "image,age", names, ["1"] * 40), True)


def test_rows_with_other_fields(folder: Path) -> None:
    path = table(folder, "image,label", files(), kinds())
    path.write_text(path.read_text("utf-8") + "train/000.jpg\ntrain/001.jpg,a,b\n")
    found = load(path, validation=0)
    assert [entry.path for entry in found.broken] == ["row 14", "row 15"]
    assert len(found.train) == 12
    with pytest.raises(UserError, match="2 broken images, the first is 'row 14'"):
        load(path, strict=True)


def test_addresses(folder: Path) -> None:
    path = table(folder, "image,label", files("https://example.org/{:03}.jpg"), kinds())
    with pytest.raises(UserError, match="it is an address"):
        list_table(path, True)


def test_a_group_stays_on_one_side(folder: Path) -> None:
    patients = [f"p{number // 2}" for number in range(12)]
    path = table(folder, "image,label,patient", files(), ["a", "b"] * 6, patients)
    found = load(path, Reading(group="patient"), validation=0.3)
    assert found.valid is not None
    number = dict(zip(files(), patients, strict=True))
    sides = [{number[name] for name in part.names} for part in (found.train, found.valid)]
    assert not sides[0] & sides[1]
    with pytest.raises(UserError, match="--group doctor"):
        load(path, Reading(group="doctor"))
