"""describe, show and the contact sheet."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from handloom.data.images.drawing.grid import contact_sheet
from handloom.data.images.load import load
from handloom.data.show import describe, show
from handloom.display.console import Display
from handloom.display.data import show_data
from handloom.errors import UserError


def test_describe(photos: Path) -> None:
    (photos / "cat" / "0.jpg").write_text("x")
    record = json.loads(json.dumps(describe(load(photos))))
    assert record["classes"] == ["cat", "dog", "owl"]
    assert record["splits"]["train"]["images"] + record["splits"]["valid"]["images"] == 29
    assert record["splits"]["valid"]["classes"] == {"cat": 2, "dog": 2, "owl": 2}
    assert record["stored"]["height"] == {"min": 100, "median": 100, "max": 100}
    assert record["stored"]["modes"] == {"RGB": 29}
    assert record["broken"][0]["path"] == "cat/0.jpg"


def test_equal_images_are_told_from_such_as_are_nearly_the_same(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = torch.randint(256, (100, 100, 3), dtype=torch.uint8).numpy()
    Image.fromarray(noise).resize((200, 200)).save(photos / "cat" / "x.png")
    shutil.copy(photos / "cat" / "x.png", photos / "cat" / "y.png")
    Image.fromarray(255 - noise).resize((200, 200)).save(photos / "dog" / "x.png")
    with Image.open(photos / "dog" / "x.png") as image:
        image.save(photos / "dog" / "y.jpg", quality=90)
    record = describe(load(photos, validation=0))
    assert ["cat/x.png", "cat/y.png"] in record["equal"]
    assert ["dog/x.png", "dog/y.jpg"] in record["duplicates"]
    show_data(Display(), record, None)
    printed = " ".join(capsys.readouterr().err.split())
    assert "equal: cat/x.png, cat/y.png" in printed
    assert "nearly the same: dog/x.png, dog/y.jpg" in printed


def test_sheet_has_a_row_for_each_class(photos: Path) -> None:
    images = load(photos, validation=0).train
    sheet = contact_sheet(images, columns=4)
    assert sheet.dtype == torch.uint8
    assert sheet.shape[0] == 3 * 66 + 2
    left = sheet.shape[1] - 4 * 66
    assert torch.equal(sheet[2:66, left : left + 64], images.image[0])
    assert (sheet[:, :left] < 100).any()  # the names are drawn


@pytest.mark.parametrize("columns", [1, 5, 12])
def test_sheet_without_labels(photos: Path, columns: int) -> None:
    images = load(photos, validation=0, labelled=False, channels=1).train
    sheet = contact_sheet(images, columns=columns)
    rows = min(columns, -(-30 // columns))
    assert sheet.shape == (rows * 66 + 2, columns * 66 + 2, 1)


def test_names_that_are_not_latin(photos: Path) -> None:
    (photos / "cat").rename(photos / "猫")
    (photos / "dog").rename(photos / ("long" * 40))
    sheet = contact_sheet(load(photos).train)
    assert sheet.shape[1] < 1500


def test_show(photos: Path, tmp_path: Path) -> None:
    record = show(photos, tmp_path / "grid.png")
    assert record["splits"] == {
        "train": {"images": 30, "classes": {"cat": 10, "dog": 10, "owl": 10}}
    }
    with Image.open(tmp_path / "grid.png") as sheet:
        assert sheet.mode == "RGB"


def test_show_goes_on_without_labels(photos: Path, tmp_path: Path) -> None:
    record = show(photos / "cat", tmp_path / "grid.png")
    assert record["splits"]["train"] == {"images": 10, "classes": {}}
    assert "a classifier cannot be trained on this" in record["notes"][-1]
    assert "no class folders" in record["notes"][-1]


TABLES = {
    "NA as a class": "image,label\ncat/1.png,NA\ncat/3.png,b\ncat/5.png,b\n",
    "several labels": "image,label\ncat/1.png,a b\ncat/3.png,b a\ncat/5.png,a b c\n",
    "two columns of labels": "image,label,class\ncat/1.png,a,b\ncat/3.png,b,a\n",
    "an unknown split": "image,label,split\ncat/1.png,a,fold7\ncat/3.png,b,train\n",
}


@pytest.mark.parametrize("kind", TABLES)
def test_show_refuses_what_training_refuses(photos: Path, kind: str) -> None:
    (photos / "t.csv").write_text(TABLES[kind])
    with pytest.raises(UserError) as trained:
        load(photos / "t.csv")
    with pytest.raises(UserError) as shown:
        show(photos / "t.csv")
    assert str(shown.value) == str(trained.value)


def test_show_refuses_broken_images_where_asked(photos: Path) -> None:
    (photos / "cat" / "1.png").write_text("broken")
    assert show(photos)["broken"]
    with pytest.raises(UserError, match="1 broken image"):
        show(photos, strict=True)


def test_show_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no images"):
        show(tmp_path)


@pytest.mark.parametrize("name", ["grid", "grid.xyz", "absent/grid.png"])
def test_sheet_that_cannot_be_written(photos: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="grid"):
        show(photos, tmp_path / name)


def test_digits_are_enlarged() -> None:
    assert contact_sheet(load("digits").train).shape[0] == 10 * 50 + 2
