"""Images that a run was trained on are known wherever they turn up, and prove nothing."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

import handloom
from handloom.data.images.load import load
from handloom.display.tables import summary
from handloom.jobs.images.contents import contents
from handloom.jobs.results import NothingHeldOut
from handloom.runs.directory import RunDirectory


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for name, hue in (("sea", 30), ("wood", 180)):
        (folder / name).mkdir()
        for number in range(12):
            color = (hue + number, 255 - hue - number, 7 * number)
            Image.new("RGB", (12, 12), color).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> handloom.Run:
    return handloom.train(
        "classifier", photos, out=tmp_path_factory.mktemp("runs") / "run", quiet=True,
        network="mlp", epochs=1, validation=0.25, duplicates="ignore",
    )  # fmt: skip


def test_copies_under_other_names_are_marked_and_do_not_count(
    run: handloom.Run, photos: Path, tmp_path: Path
) -> None:
    shutil.copytree(photos, tmp_path / "moved")
    for path in sorted((tmp_path / "moved").rglob("*.png")):
        path.rename(path.with_name(f"new-{path.name}"))
    records = run.predict(tmp_path / "moved")
    marked = sum(record.get("trained_on", False) for record in records)
    assert marked == run.config["images"]["train"] == 18
    assert {record["split"] for record in records} == {"train", "valid"}
    lines = summary(records)
    assert lines[0].startswith("valid: ")
    assert " of 6 right" in lines[0]
    assert lines[1] == "the other 18 were trained on: a right answer proves nothing there"


def test_what_was_trained_on_is_left_out_of_an_evaluation(
    run: handloom.Run, photos: Path, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed"
    shutil.copytree(photos / "sea", mixed / "sea")
    (mixed / "wood").mkdir()
    for number in range(3):  # never seen
        Image.new("RGB", (12, 12), (90, 9 * number, 200)).save(mixed / "wood" / f"{number}.png")
    evaluation = run.evaluate(mixed)
    learned = RunDirectory(run.path).learned()
    assert learned is not None
    sea = load(photos / "sea", labelled=False, validation=0.0)
    seen = sum(digest in learned for digest in contents(sea.train, sea.digests))
    assert 0 < seen < 12
    assert evaluation["trained_on"] == seen
    assert evaluation["images"] == 15 - seen
    assert f"left out, as trained on: {seen}" in run.describe(evaluation)


def test_nothing_but_what_was_trained_on_is_refused(
    run: handloom.Run, photos: Path, tmp_path: Path
) -> None:
    for record in run.predict(photos):
        if record.get("trained_on"):
            path = photos / record["input"]
            (tmp_path / record["actual"]).mkdir(exist_ok=True)
            shutil.copy(path, tmp_path / record["actual"] / path.name)
    with pytest.raises(NothingHeldOut, match="trained on all 18 images"):
        run.evaluate(tmp_path)


def test_arrays_are_known_by_their_pixels(tmp_path: Path) -> None:
    digits = handloom.train(
        "classifier", "digits", out=tmp_path / "run", quiet=True, network="mlp", epochs=1
    )
    learned = RunDirectory(digits.path).learned()
    whole = load("digits")
    assert learned is not None
    assert sum(digest in learned for digest in contents(whole.train, {})) == len(learned)
    assert not any(record.get("trained_on") for record in digits.predict("digits"))
