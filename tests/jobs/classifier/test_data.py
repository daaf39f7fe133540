"""What evaluate and predict take of other data, and what they say of what they could not use."""

from pathlib import Path

import pytest
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.data.images import load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Digits in train/, val/ and an unlabelled test/: 20, 10 and 5 images."""
    test = load("digits").test
    assert test is not None
    assert test.label is not None
    for i in range(35):
        kind = test.classes[int(test.label[i])]
        place = f"train/{kind}" if i < 20 else f"val/{kind}" if i < 30 else "test"
        (tmp_path / "set" / place).mkdir(parents=True, exist_ok=True)
        Image.fromarray(test.image[i, :, :, 0].numpy()).save(tmp_path / "set" / place / f"{i}.png")
    return tmp_path / "set"


def test_evaluate_takes_validation_and_predict_everything(digits_run: Path, folder: Path) -> None:
    run = handloom.open(digits_run)
    evaluation = run.evaluate(folder)
    assert (evaluation["split"], evaluation["images"]) == ("valid", 10)
    assert evaluation["unlabelled"] == 5
    assert "interval" in run.describe(evaluation)
    records = run.predict(folder)
    assert [record["split"] for record in records].count("train") == 20
    assert sum("actual" in record for record in records) == 30
    assert len(records) == 35


def test_broken_images_are_counted(
    digits_run: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = sorted((folder / "val").rglob("*.png"))[0]
    first.write_text("<html>")
    run = handloom.open(digits_run)
    evaluation = run.evaluate(folder)
    assert [entry["path"] for entry in evaluation["broken"]] == [str(first.relative_to(folder))]
    assert "1 broken left out" in run.describe(evaluation)
    records = run.predict([first, folder / "test"])
    assert [record for record in records if "error" in record] == [
        {"input": str(first), "error": "a page of HTML or XML, not an image"}
    ]
    assert len(records) == 6
    assert main(["predict", str(digits_run), str(folder), "--strict"]) == 2
    assert main(["evaluate", str(digits_run), str(folder), "--strict"]) == 2
    assert "HTML" in capsys.readouterr().err


def test_dark_and_light_inverted(digits_run: Path, folder: Path) -> None:
    for path in folder.rglob("*.png"):
        Image.eval(Image.open(path), lambda value: 255 - value).save(path)
    notes = handloom.open(digits_run).evaluate(folder)["notes"]
    assert any("inverted" in note for note in notes)


def test_images_of_one_class(digits_run: Path, folder: Path) -> None:
    kind = min((folder / "train").iterdir())
    (folder.parent / "one").mkdir()
    kind.rename(folder.parent / "one" / kind.name)
    evaluation = handloom.open(digits_run).evaluate(folder.parent / "one")
    assert evaluation["split"] == "all"
    assert [name for name, of in evaluation["classes"].items() if of["images"]] == [kind.name]
