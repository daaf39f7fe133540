"""What is certainly wrong in a table of images is listed first, and can be corrected."""

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import handloom
from handloom.errors import UserError

MLP: dict[str, Any] = {"epochs": 1, "network": "mlp", "quiet": True}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos are equal and labelled otherwise, one has two labels, one is not there, and three
    are of a class that is written otherwise."""
    folder, draw = tmp_path_factory.mktemp("photos"), np.random.RandomState(0)
    rows = []
    for label, hue in (("sea", 20), ("wood", 150)):
        for number in range(20):
            name = f"{label}{number}.png"
            pixels = draw.randint(hue, hue + 90, (12, 12, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name)
            rows.append((name, label))
    shutil.copy(folder / "sea5.png", folder / "copy.png")
    rows += [("copy.png", "wood"), ("wood7.png", "sea"), ("gone.png", "sea")]
    rows = [(name, "Sea" if name in ("sea1.png", "sea2.png", "sea3.png") else label)
            for name, label in rows]  # fmt: skip
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "label"), *rows])
    return folder / "t.csv"


@pytest.fixture(scope="module")
def run(table: Path, tmp_path_factory: pytest.TempPathFactory) -> handloom.Run:
    return handloom.train("classifier", table, out=tmp_path_factory.mktemp("r") / "a", **MLP)


def mistakes(run: Path) -> list[dict[str, str]]:
    with (run / "mistakes.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def corrected(run: Path, wanted: dict[str, str], to: Path) -> str:
    lines = mistakes(run)
    with to.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(
            line | {"correction": wanted.get(line["file"], line["correction"])} for line in lines
        )
    return str(to)


def test_certain_faults_come_first_and_what_is_not_there_last(run: handloom.Run) -> None:
    lines = mistakes(run.path)
    first = [(line["file"], line["problem"]) for line in lines[:6]]
    assert sorted(first[:2]) == [
        ("copy.png", "duplicate of sea5.png"), ("sea5.png", "duplicate of copy.png")
    ]  # fmt: skip
    assert first[2] == ("wood7.png", "the table gives it 2 labels (sea, wood)")
    assert sorted(first[3:]) == [
        (f"sea{n}.png", "class written like 'sea'") for n in (1, 2, 3)
    ]  # fmt: skip
    assert {line["likely_label"] for line in lines[3:6]} == {"sea"}
    assert (lines[-1]["file"], lines[-1]["split"]) == ("gone.png", "")


def test_the_page_names_them(run: handloom.Run) -> None:
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "Faults in the data" in page
    assert "2 images equal to one with another label" in page
    assert "1 image left out with several labels in the table" in page
    assert "3 images of a class that is written like another" in page
    assert "): in the first lines of mistakes.csv, write the right class or <code>drop" in page
    for name in ("wood7.png", "gone.png", "copy.png"):
        assert name in page


def test_a_correction_settles_an_image_with_two_labels(
    run: handloom.Run, table: Path, tmp_path: Path
) -> None:
    wanted = {"wood7.png": "wood", "copy.png": "drop", "gone.png": "drop"}
    wanted |= {f"sea{n}.png": "sea" for n in (1, 2, 3)}
    file = corrected(run.path, wanted, tmp_path / "m.csv")
    after = handloom.train("classifier", table, out=tmp_path / "b", corrections=file, **MLP)
    assert after.config["classes"] == ["sea", "wood"]
    assert sum(after.config["images"].values()) == 40
    assert after.evaluate() == after.evaluation
    assert after.evaluate(table) == after.evaluation
    assert [line["file"] for line in mistakes(after.path) if not line["split"]] == ["gone.png"]
    dropped = corrected(run.path, {"wood7.png": "drop"}, tmp_path / "d.csv")
    less = handloom.train("classifier", table, out=tmp_path / "c", corrections=dropped, **MLP)
    assert sum(less.config["images"].values()) == 40


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"wood7.png": "wod"}, "which is not a class of the data: did you mean 'wood'"),
        ({"gone.png": "sea"}, "is left out of the data .*: repair it, or remove the line"),
    ],
)
def test_what_cannot_be_settled(
    run: handloom.Run, table: Path, tmp_path: Path, wanted: dict[str, str], message: str
) -> None:
    file = corrected(run.path, wanted, tmp_path / "m.csv")
    with pytest.raises(UserError, match=message):
        handloom.train("classifier", table, out=tmp_path / "b", corrections=file, **MLP)


def test_the_class_may_be_the_number_that_a_spreadsheet_makes_of_it(
    table: Path, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(
        "image,label\n" + "".join(f"{table.parent}/sea{n}.png,{n % 2}\n" for n in range(20))
        + f"{table.parent}/sea4.png,1\n", encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "c.csv").write_text(
        f"file,correction\n{table.parent}/sea4.png,1.0\n", encoding="utf-8"
    )
    options = MLP | {"corrections": str(tmp_path / "c.csv")}
    after = handloom.train("classifier", tmp_path / "t.csv", out=tmp_path / "r", **options)
    assert sum(after.config["images"].values()) == 20


def test_a_file_that_cannot_be_read_is_shown_and_not_to_be_corrected(tmp_path: Path) -> None:
    draw = np.random.RandomState(0)
    for label, hue in (("sea", 20), ("wood", 150)):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(10):
            pixels = draw.randint(hue, hue + 90, (12, 12, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / label / f"{number}.png")
    (tmp_path / "photos" / "sea" / "bad.png").write_bytes(b"no image")
    run = handloom.train("classifier", tmp_path / "photos", out=tmp_path / "run", **MLP)
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "Certain, whatever the network answers: 1 image left out" in page
    assert "is certainly wrong" not in page
