"""Training with corrected labels: in every split, kept in the run, the same after resume."""

import csv
import json
import shutil
from pathlib import Path

import pytest
import torch

import handloom
from handloom.data.images.load import load
from handloom.errors import UserError
from handloom.jobs.classifier.corrections import corrected_images
from handloom.jobs.classifier.mistakes import MISTAKE, Mistake, table
from handloom.jobs.images.contents import contents
from handloom.runs.directory import RunDirectory

QUICK = {"epochs": 1, "network": "mlp", "quiet": True}


def written(path: Path, data: Path, wanted: dict[str, str]) -> Path:
    """mistakes.csv of all images, some of them corrected."""
    whole = load(data, validation=0).train
    known = dict(zip(whole.names, contents(whole, load(data).digests), strict=True))
    rows = [
        Mistake(name, known[name], "train", "", "", "", "", MISTAKE, wanted.get(name, ""))
        for name in whole.names
    ]
    path.write_text(table(rows))
    return path


def held(data_set: object, name: str) -> str | None:
    for images in data_set.splits.values():  # type: ignore[attr-defined]
        if name in images.names:
            return str(images.classes[int(images.label[images.names.index(name)])])
    return None


def test_labels_change_in_every_split_and_the_split_stays(shapes: Path, tmp_path: Path) -> None:
    before = load(shapes)
    assert before.valid is not None
    tried, validated = before.train.names[0], before.valid.names[0]
    wanted = {tried: "red", validated: "green", before.valid.names[1]: "drop"}
    after = corrected_images(before, written(tmp_path / "m.csv", shapes, wanted))
    assert held(after, tried) == "red"
    assert held(after, validated) == "green"
    assert held(after, before.valid.names[1]) is None
    assert after.train.names == before.train.names
    assert after.valid is not None
    assert after.valid.names == tuple(n for n in before.valid.names if n != before.valid.names[1])
    assert after.fingerprint == before.fingerprint
    assert "1 dropped" in after.notes[-2]
    assert after.notes[-1] == (
        "valid: 1 label of these images was corrected and 1 image was dropped, so figures on it "
        "are optimistic"
    )


def test_renamed_and_moved_files_are_found(shapes: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "m.csv", shapes, {"blue/3.png": "green", "red/4.png": "drop"})
    moved = tmp_path / "moved"
    shutil.copytree(shapes, moved)
    (moved / "blue" / "3.png").rename(moved / "blue" / "a.png")
    (moved / "red" / "4.png").rename(moved / "red" / "3.jpg")
    after = corrected_images(load(moved), file)
    assert held(after, "blue/a.png") == "green"
    assert held(after, "red/3.jpg") is None
    assert after.facts["corrections"] == {
        "relabelled": 1, "dropped": 1, "unchanged": 0, "by_name": 0
    }  # fmt: skip


def test_nothing_to_tell_apart_is_left(shapes: Path, tmp_path: Path) -> None:
    whole = load(shapes)
    assert whole.valid is not None
    every = {name: "red" for part in whole.splits.values() for name in part.names}
    with pytest.raises(UserError, match="all training images are of class 'red'"):
        corrected_images(whole, written(tmp_path / "m.csv", shapes, every))
    with pytest.raises(UserError, match="drops every image of the split valid"):
        corrected_images(
            whole, written(tmp_path / "m.csv", shapes, dict.fromkeys(whole.valid.names, "drop"))
        )


def test_a_run_keeps_its_corrections(shapes: Path, tmp_path: Path) -> None:
    """The file of the user may go; evaluate and resume work by the copy, and tell a changed one."""
    file = written(tmp_path / "m.csv", shapes, {"blue/3.png": "green", "red/4.png": "drop"})
    run = handloom.train("classifier", shapes, out=tmp_path / "run", corrections=str(file), **QUICK)
    file.unlink()
    assert run.config["corrections"]["relabelled"] == 1
    assert run.evaluate() == run.evaluation
    longer = handloom.resume(run.path, epochs=2, quiet=True)
    assert longer.evaluation is not None
    assert sum(longer.config["images"].values()) == 35
    kept = run.path / "corrections.csv"
    kept.write_text(kept.read_text("utf-8").replace("green", "red"))
    for use in (lambda: run.evaluate(), lambda: handloom.resume(run.path, epochs=3, quiet=True)):
        with pytest.raises(UserError, match="is not the file that the run was trained with"):
            use()


def test_corrected_images_that_a_figure_is_of_make_it_optimistic(
    shapes: Path, tmp_path: Path
) -> None:
    """Giving a network's own answers back as labels shows; the figure before stands beside it."""
    plain = handloom.train("classifier", shapes, out=tmp_path / "plain", **QUICK)
    with (plain.path / "mistakes.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["split"] == "valid"]
    wrong = {line["file"]: line["predicted"] for line in lines if line["problem"] == MISTAKE}
    first = next(iter(wrong))
    wanted = wrong | {first: "drop"}
    file = written(tmp_path / "m.csv", shapes, wanted)
    run = handloom.train("classifier", shapes, out=tmp_path / "run", corrections=str(file), **QUICK)
    found = run.evaluation
    assert found is not None
    assert plain.evaluation is not None
    assert found["corrected"] == {"relabelled": len(wrong) - 1, "dropped": 1}
    assert found["images"] == plain.evaluation["images"] - 1
    assert found["accuracy_before_corrections"] == plain.evaluation["accuracy"]
    assert found["accuracy"] > found["accuracy_before_corrections"]
    assert found["optimistic"]
    reason = "1 image was dropped, most likely where a network contradicted them"
    assert reason in run.describe(found)
    assert "on the labels before their correction" in run.describe(found)
    assert reason in (run.path / "report.html").read_text("utf-8")
    assert "corrected" not in plain.evaluation


def test_a_killed_run_goes_on_with_the_same_labels(shapes: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "m.csv", shapes, {"blue/3.png": "green"})
    options = QUICK | {"epochs": 2, "corrections": str(file)}
    whole = handloom.train("classifier", shapes, out=tmp_path / "whole", **options)
    file.unlink()
    killed = tmp_path / "killed"
    shutil.copytree(whole.path, killed)
    for name in ("evaluation.json", "networks.safetensors", "metrics.jsonl"):
        (killed / name).unlink()
    shutil.rmtree(killed / "checkpoint")
    (killed / "status.json").write_text(json.dumps({"status": "running"}))
    handloom.resume(killed, quiet=True)
    weights, again = (RunDirectory(path).networks()["network"] for path in (whole.path, killed))
    assert set(weights) == set(again)
    assert all(torch.equal(weights[name], again[name]) for name in weights)


def test_a_class_that_is_corrected_away_is_gone(shapes: Path, tmp_path: Path) -> None:
    """A class that a table spells in two ways becomes one, and no warning speaks of the other."""
    rows = [(f"{name}/{n}.png", name) for name in ("blue", "green", "red") for n in range(12)]
    rows = [(file, "Red" if file in ("red/1.png", "red/2.png") else name) for file, name in rows]
    shutil.copytree(shapes, tmp_path / "t")
    shutil.copy(shapes / "blue/3.png", tmp_path / "t/green/12.png")  # equal, with another label
    rows.append(("green/12.png", "green"))
    file = tmp_path / "t" / "labels.csv"
    file.write_text("image,label\n" + "".join(f"{name},{label}\n" for name, label in rows))
    before = load(file)
    assert sum("'Red'" in note for note in before.notes) == 2  # spelled alike, few
    assert any("equal to images with another label" in note for note in before.notes)
    wanted = {"red/1.png": "red", "red/2.png": "red", "green/12.png": "drop"}
    table = tmp_path / "m.csv"
    table.write_text(
        "file,correction\n" + "".join(f"{name},{label}\n" for name, label in wanted.items())
    )
    run = handloom.train("classifier", file, out=tmp_path / "run", corrections=str(table), **QUICK)
    assert run.config["classes"] == ["blue", "green", "red"]
    assert set(run.predict(shapes / "red/0.png")[0]["probabilities"]) == {"blue", "green", "red"}
    assert run.evaluate() == run.evaluation
    after = corrected_images(before, table)
    assert held(after, "red/1.png") == "red"
    assert [note for note in after.notes if "'Red'" in note] == [
        "'Red' is left out of the classes, since the corrections leave no image in it"
    ]
    assert not any("equal to images" in note for note in after.notes)


def test_a_run_keeps_the_classes_that_it_was_trained_with(shapes: Path, tmp_path: Path) -> None:
    """Runs of earlier versions have classes that corrections left empty."""
    whole = load(shapes)
    reds = [n for part in whole.splits.values() for n in part.names if n.startswith("red")]
    file = written(tmp_path / "m.csv", shapes, dict.fromkeys(reds, "green"))
    after = corrected_images(whole, file)
    assert after.train.classes == ("blue", "green")
    assert whole.valid is not None
    reds_held = sum(name in reds for name in whole.valid.names)
    assert after.uncorrected["valid"].part.label.tolist().count(-1) == reds_held > 0
    older = tmp_path / "older"
    older.mkdir()
    shutil.copy(file, older / "corrections.csv")
    config = {"format": 2, "job": "classifier", "classes": ["blue", "green", "red"]}
    (older / "config.json").write_text(json.dumps(config))
    assert corrected_images(whole, older / "corrections.csv").train.classes == (
        "blue", "green", "red"
    )  # fmt: skip
