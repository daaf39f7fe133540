"""Evaluate and predict from the run directory alone."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.data.images.load import load


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """The first test digits as PNG files in class folders."""
    test = load("digits").test
    assert test is not None
    assert test.label is not None
    for i in range(40):
        folder = tmp_path / "digits" / test.classes[int(test.label[i])]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(test.image[i, :, :, 0].numpy()).save(folder / f"{i}.png")
    return tmp_path / "digits"


def test_files_give_the_probabilities_of_the_set(digits_run: Path, images: Path) -> None:
    run = handloom.open(digits_run)
    of_set = {record["input"]: record for record in run.predict("digits")}
    for path in sorted(images.rglob("*.png"))[:5]:
        record = run.predict(path)[0]
        same = of_set[f"test/{path.stem}"]
        assert record["label"] == same["label"]
        found, wanted = (torch.tensor(list(r["probabilities"].values())) for r in (record, same))
        assert torch.allclose(found, wanted, atol=1e-2)  # batches of another size round otherwise
        assert found.sum().item() == pytest.approx(1, abs=1e-4)


def test_labelled_folders_show_the_actual_class(digits_run: Path, images: Path) -> None:
    records = handloom.open(digits_run).predict(images)
    assert len(records) == 40
    for record in records:
        assert record["actual"] == Path(record["input"]).parent.name
    evaluated = handloom.open(digits_run).evaluate(images)
    right = sum(record["label"] == record["actual"] for record in records)
    assert evaluated["accuracy"] == pytest.approx(right / 40, abs=0.03)
    assert sum(of["images"] for of in evaluated["classes"].values()) == 40


def test_flat_folders_and_colour_and_size_are_adapted(digits_run: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    for i in range(3):
        Image.fromarray(noise).save(tmp_path / f"{i}.jpg")
    records = handloom.open(digits_run).predict(tmp_path)
    assert [Path(record["input"]).name for record in records] == ["0.jpg", "1.jpg", "2.jpg"]
    assert all("actual" not in record for record in records)


def test_a_run_opens_in_a_fresh_process_and_another_place(
    digits_run: Path, images: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(digits_run, tmp_path / "copied")
    image = next(iter(sorted(images.rglob("*.png"))))
    opened = f"handloom.open({str(copy)!r}).predict({str(image)!r})"
    code = f"import handloom; print({opened}[0]['label'])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == handloom.open(digits_run).predict(image)[0]["label"]


def test_json_and_table(
    digits_run: Path, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.csv"
    assert main(["predict", str(digits_run), str(images), "--json", "--out", str(out)]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == 40
    assert set(records[0]) == {"input", "label", "probability", "actual", "probabilities"}
    with open(out, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == [record["label"] for record in records]
    assert float(rows[0]["3"]) == records[0]["probabilities"]["3"]
    assert main(["evaluate", str(digits_run), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["split"] == "test"


def test_a_table_keeps_its_columns_beside_the_answers(
    digits_run: Path, images: Path, tmp_path: Path
) -> None:
    names = sorted(path.relative_to(images).as_posix() for path in images.rglob("*.png"))[:3]
    rows = [f'{name},{number},"a, {number}",x' for number, name in enumerate(names)]
    (images / "t.csv").write_text("\n".join(["file,row number,comment,3", *rows]))
    out = tmp_path / "p.csv"
    assert main(["predict", str(digits_run), str(images / "t.csv"), "--out", str(out)]) == 0
    with open(out, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert list(table[0])[:5] == ["input", "row number", "comment", "3", "label"]
    assert [(row["input"], row["comment"], row["3"]) for row in table] == [
        (name, f"a, {number}", "x") for number, name in enumerate(names)
    ]
    assert 0 <= float(table[0]["3 (class)"]) <= 1


def test_unknown_classes_are_named(digits_run: Path, images: Path) -> None:
    (images / "3").rename(images / "three")
    with pytest.raises(handloom.UserError, match="'three'"):
        handloom.open(digits_run).evaluate(images)


def test_probabilities_are_calibrated_on_the_validation_split(digits_run: Path) -> None:
    """Trained with smoothed labels, a network is less sure than it is right."""
    config = handloom.open(digits_run).config
    assert 0.25 <= config["temperature"] != 1.0
    run = handloom.open(digits_run)
    calibrated = run.evaluate()
    run.loaded.config["temperature"] = 1.0
    plain = run.evaluate()
    assert calibrated["calibration_before_temperature"] == plain["calibration"]
    assert calibrated["calibration"] != plain["calibration"]
    assert calibrated["loss"] < plain["loss"]
    assert calibrated["accuracy"] == plain["accuracy"]


def test_a_very_sure_mistake_has_a_finite_loss(digits_run: Path) -> None:
    """Softmax in float32 gives 0 for it, and the logarithm of that is no number in JSON."""
    run = handloom.open(digits_run)
    with torch.no_grad():
        for parameter in run.loaded.networks["network"].parameters():
            parameter.mul_(20)
    found = run.evaluate()
    assert found["loss"] < float("inf")
    json.dumps(found, allow_nan=False)


def test_the_terminal_has_the_sentence_and_the_table_that_json_has(
    digits_run: Path, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(digits_run), str(images), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert main(["evaluate", str(digits_run), str(images)]) == 0
    lines = capsys.readouterr().out.splitlines()
    place = next(row for row, line in enumerate(lines) if line.startswith("class "))
    said, heading, rows = "\n".join(lines[:place]), lines[place], lines[place + 1 :]
    low, high = found["interval"]
    assert low < found["accuracy"] < high
    for value in (low, high, found["majority"], found["macro_f1"], found["calibration"]):
        assert f"{100 * value:.1f}" in said or f"{100 * value:.2f}" in said
    assert heading.split() == ["class", "images", "precision", "recall", "F1"]
    assert len(rows) == len(found["classes"]) + 1


def test_training_images_are_marked_wherever_they_lie(shapes: Path, tmp_path: Path) -> None:
    run = handloom.train(
        "classifier", shapes, out=tmp_path / "run", network="mlp", epochs=1, quiet=True
    )
    other = shutil.copytree(shapes, tmp_path / "other")
    for inputs, is_labelled in (
        ([shapes], True), ([other], True), ([other, shapes], True), ([shapes / "red"], False),
        ([other / "red" / "0.png"], False),
    ):  # fmt: skip
        records = run.call("predict", [str(path) for path in inputs])
        marked = [record for record in records if record.get("trained_on")]
        assert bool(marked) == is_labelled, inputs
        assert len(marked) < len(records)
