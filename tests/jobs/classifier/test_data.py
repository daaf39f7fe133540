"""What evaluate and predict take of other data, and what they say of what they could not use."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.data.images.load import load


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


@pytest.mark.parametrize("kind", ["a folder", "a table", "files", "a flat folder"])
def test_unlabelled_images_do_not_count_as_wrong(
    digits_run: Path, folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = handloom.open(digits_run)
    unlabelled, labelled = (
        sorted((folder / "test").iterdir()),
        sorted((folder / "val").rglob("*.png")),
    )
    table = folder / "list.csv"
    rows = [f"{path.relative_to(folder)},{path.parent.name}" for path in labelled]
    rows += [f"{path.relative_to(folder)}," for path in unlabelled]
    table.write_text("\n".join(["image,label", *rows]))
    given = {"a folder": [folder], "a table": [table], "files": [*unlabelled, folder / "val"],
             "a flat folder": [folder / "test"]}[kind]  # fmt: skip
    records = run.predict(given)
    known = [record for record in records if "actual" in record]
    assert len(records) - len(known) == 5
    right = sum(record["actual"] == record["label"] for record in known)
    assert main(["predict", str(digits_run), *map(str, given)]) == 0
    out = capsys.readouterr().out
    counted = [line.split(": ")[-1] for line in out.splitlines() if " right (" in line]
    assert sum(int(line.split()[0]) for line in counted) == right
    assert sum(int(line.split()[2]) for line in counted) == len(known)


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


@pytest.mark.parametrize("change", ["moved to another class", "added", "removed"])
def test_data_that_changed_since_the_training(tmp_path: Path, shapes: Path, change: str) -> None:
    folder = shutil.copytree(shapes, tmp_path / "shapes")
    run = handloom.train(
        "classifier", folder, out=tmp_path / "r", network="mlp", epochs=1, quiet=True
    )
    first = min((folder / "red").iterdir())
    if change == "added":
        Image.new("RGB", (16, 16)).save(folder / "blue" / "new.png")
    else:
        first.rename((folder / "blue" if change.startswith("moved") else tmp_path) / first.name)
    with pytest.raises(handloom.UserError, match="not those the run was trained on"):
        run.evaluate()
    with pytest.raises(handloom.UserError, match="not those the run began with"):
        handloom.resume(run.path, epochs=2, quiet=True)
    evaluation = run.evaluate(folder)
    assert any("changed since the training" in note for note in evaluation["notes"])
    assert evaluation["trained_on"] > 0
    assert evaluation["images"] + evaluation["trained_on"] == len(list(folder.rglob("*.png")))
    elsewhere = run.evaluate(shutil.copytree(folder, tmp_path / "elsewhere"))
    assert not any("changed" in note for note in elsewhere["notes"])


def test_an_unknown_class_is_named_with_a_dozen_known_ones(digits_run: Path, folder: Path) -> None:
    run = handloom.open(digits_run)
    run.loaded.config["classes"] = [*run.config["classes"], *map(str, range(100, 1100))]
    min((folder / "val").iterdir()).rename(folder / "val" / "zero")
    with pytest.raises(handloom.UserError, match=r"'zero' is unknown .* and 998 more: rename"):
        run.evaluate(folder)
