"""A run's corrections keep its division: what it validated on, the next run validates on."""

import csv
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import handloom
from handloom.errors import UserError
from handloom.runs.learned import BYTES, FILES

MLP: dict[str, Any] = {"epochs": 1, "network": "mlp", "quiet": True}
LINEAR: dict[str, Any] = {"network": "linear", "test_share": 0.2, "quiet": True}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    draw = np.random.RandomState(0)
    for name, hue in (("sea", 20), ("wood", 150)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(20):
            write_image(tmp_path / "photos" / name / f"{number}.png", hue, draw)
    return tmp_path / "photos"


def write_image(path: Path, hue: int, draw: np.random.RandomState) -> None:
    Image.fromarray(draw.randint(hue, hue + 90, (12, 12, 3)).astype(np.uint8)).save(path)


def correct(run: Path, wanted: str) -> str:
    """The run's mistakes.csv with one line more, that gives an example a class."""
    file = run / "mistakes.csv"
    with file.open("a", newline="", encoding="utf-8") as table:
        csv.writer(table).writerow([wanted, "", "train", "", "", "", "", "mistake", "drop"])
    return str(file)


def sides(run: Path) -> dict[str, str]:
    files = {split: (run / name).read_bytes() for split, name in FILES.items()
             if (run / name).is_file()}  # fmt: skip
    return {
        file[at : at + BYTES].hex(): split
        for split, file in files.items() for at in range(0, len(file), BYTES)
    }  # fmt: skip


def trained_on(run: handloom.Run, photos: Path) -> str:
    """The name of an image that the run was trained on."""
    return next(str(Path(record["input"]).relative_to(photos)) for record in run.predict(photos)
                if record.get("trained_on"))  # fmt: skip


def changed(photos: Path) -> None:
    """An image has another name, one that validated is gone, eight are new."""
    (photos / "sea" / "3.png").rename(photos / "sea" / "a name that sorts first.png")
    (photos / "wood" / "7.png").unlink()
    draw = np.random.RandomState(1)
    for number in range(8):
        write_image(photos / ("sea", "wood")[number % 2] / f"new{number}.png", 60, draw)


def test_images_that_a_run_knew_stay_on_their_side(photos: Path, tmp_path: Path) -> None:
    first = handloom.train("classifier", photos, out=tmp_path / "first", **MLP)
    changed(photos)
    file = correct(first.path, "sea/5.png")
    run = handloom.train("classifier", photos, out=tmp_path / "run", corrections=file, **MLP)
    before, after = sides(first.path), sides(run.path)
    kept = before.keys() & after.keys()
    assert len(kept) == 38
    assert {each: after[each] for each in kept} == {each: before[each] for each in kept}
    assert 0 < sum(after[each] == "valid" for each in after.keys() - kept) < 8

    shutil.rmtree(first.path)  # the run knows by itself how it was divided
    assert run.evaluate() == run.evaluation
    longer = handloom.resume(run.path, epochs=2, quiet=True)
    assert sides(longer.path) == after
    again = correct(run.path, "wood/5.png")
    chained = handloom.train("classifier", photos, out=tmp_path / "c", corrections=again, **MLP)
    assert sides(chained.path).items() < after.items()
    (run.path / "divided" / "valid.bin").unlink()
    with pytest.raises(UserError, match="are not those that the run was divided by"):
        handloom.open(run.path).evaluate()


def test_a_line_says_what_can_be_compared(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loud = MLP | {"quiet": False}
    first = handloom.train("classifier", photos, out=tmp_path / "first", **MLP)
    file = correct(first.path, trained_on(first, photos))
    capsys.readouterr()
    handloom.train("classifier", photos, out=tmp_path / "same", corrections=file, **loud)
    printed = " ".join(capsys.readouterr().err.split())
    expected = (
        f"since the run '{first.path}' no image is new; figures are of the same 8 images of valid"
    )
    assert expected in printed
    changed(photos)
    handloom.train("classifier", photos, out=tmp_path / "more", corrections=file, **loud)
    printed = " ".join(capsys.readouterr().err.split())
    assert "8 of 46 images are new; figures can be compared on" in printed


def test_another_split_seed_divides_anew(photos: Path, tmp_path: Path) -> None:
    first = handloom.train("classifier", photos, out=tmp_path / "first", **MLP)
    options = MLP | {"corrections": correct(first.path, "sea/5.png"), "split_seed": 5}
    other = handloom.train("classifier", photos, out=tmp_path / "other", **options)
    assert not sides(other.path).items() < sides(first.path).items()
    assert "divided" not in other.config


def test_what_belongs_together_now_is_divided_anew(photos: Path, tmp_path: Path) -> None:
    first = handloom.train("classifier", photos, out=tmp_path / "first", **MLP)
    for image in photos.glob("*/*.png"):
        folder = image.parent / f"person{int(image.stem) // 2}"
        folder.mkdir(exist_ok=True)
        image.rename(folder / image.name)
    file = correct(first.path, "sea/person2/5.png")
    options = MLP | {"corrections": file, "group": "folder"}
    run = handloom.train("classifier", photos, out=tmp_path / "run", **options)
    assert sum(run.config["groups"].values()) == 20
    assert "divided" not in run.config
    again = handloom.train("classifier", photos, out=tmp_path / "again", **options | {
        "corrections": correct(run.path, "sea/person2/5.png"), "group": "folder"})  # fmt: skip
    assert sides(again.path).items() <= sides(run.path).items()


def test_what_was_dropped_may_be_deleted(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = handloom.train("classifier", photos, out=tmp_path / "first", **MLP)
    file = correct(first.path, "sea/5.png")
    second = handloom.train("classifier", photos, out=tmp_path / "b", corrections=file, **MLP)
    (photos / "sea" / "5.png").unlink()
    with pytest.raises(UserError, match="are not those the run was trained on"):
        handloom.open(second.path).evaluate()
    capsys.readouterr()
    again = MLP | {"corrections": correct(second.path, "sea/6.png"), "quiet": False}
    third = handloom.train("classifier", photos, out=tmp_path / "c", **again)
    printed = " ".join(capsys.readouterr().err.split())
    assert "1 dropped, 1 earlier correction of images that are gone" in printed
    assert sum(third.config["images"].values()) == 38
    assert third.evaluate() == third.evaluation


def test_repeated_runs_are_divided_like_the_first(photos: Path, tmp_path: Path) -> None:
    first = handloom.train("classifier", photos, out=tmp_path / "first", **MLP)
    changed(photos)
    file = correct(first.path, "sea/5.png")
    out = tmp_path / "r"
    handloom.repeat("classifier", photos, 2, out=out, corrections=file, **MLP)
    assert sides(out / "1") == sides(out / "2")
    stayed = sides(first.path).items() & sides(out / "1").items()
    assert len(stayed) == 38


def rows(count: int) -> list[tuple[str, str]]:
    draw = random.Random(0)
    return [
        (" ".join(draw.choices(["good", "fine", "nice", str(i)] if i % 2 else
                               ["bad", "poor", "dull", str(i)], k=6)) + f" {i}",
         ("neg", "pos")[i % 2])
        for i in range(count)
    ]  # fmt: skip


def write(path: Path, lines: list[tuple[str, str]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "target"), *lines])
    return str(path)


def test_texts_that_a_run_knew_stay_on_their_side(tmp_path: Path) -> None:
    whole = rows(230)
    data = write(tmp_path / "r.csv", whole[:200])
    first = handloom.train("text-classifier", data, out=tmp_path / "first", **LINEAR)
    write(tmp_path / "r.csv", whole[:30:-1])
    file = correct(first.path, whole[60][0])
    run = handloom.train("text-classifier", data, out=tmp_path / "run", corrections=file, **LINEAR)
    before, after = sides(first.path), sides(run.path)
    kept = before.keys() & after.keys()
    assert len(kept) == 168
    assert {each: after[each] for each in kept} == {each: before[each] for each in kept}
    assert {after[each] for each in after.keys() - kept} > {"train"}
    shutil.rmtree(first.path)
    assert run.evaluate() == run.evaluation
