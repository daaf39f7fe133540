"""The page of a run whose data have changed: what was evaluated then, and what is left out."""

from pathlib import Path

import pytest
from PIL import Image

import handloom
from handloom.errors import UserError


def images(folder: Path) -> Path:
    for name, hue in (("sea", 30), ("wood", 180)):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            color = (hue + number, 255 - hue - number, 7 * number)
            Image.new("RGB", (12, 12), color).save(folder / name / f"{number}.png")
    return folder


def test_images(tmp_path: Path) -> None:
    data = images(tmp_path / "photos")
    run = handloom.train(
        "classifier", data, out=tmp_path / "run", quiet=True, network="mlp", epochs=1,
        validation=0.25, duplicates="ignore",
    )  # fmt: skip
    mistakes = (run.path / "mistakes.csv").read_bytes()
    (data / "sea" / "3.png").unlink()
    with pytest.raises(UserError, match="23 images where it had 24"):
        handloom.open(run.path).evaluate()
    page = handloom.open(run.path).report().read_text()
    assert "mistakes.csv are left out" in page
    assert "23 images where it had 24" in page
    assert "Confusion" in page
    assert (run.path / "mistakes.csv").read_bytes() == mistakes
    (run.path / "evaluation.json").unlink()
    with pytest.raises(UserError, match="are not those the run was trained on"):
        handloom.open(run.path).report()


def test_texts(tmp_path: Path) -> None:
    lines = [f"{word} number {n},{word}" for n in range(20) for word in ("cold", "warm")]
    data = tmp_path / "texts.csv"
    data.write_text("\n".join(["text,label", *lines]))
    run = handloom.train(
        "text-classifier", data, out=tmp_path / "run", quiet=True, network="linear"
    )
    data.write_text("\n".join(["text,label", *lines[:-1], "cold number 19,warm"]))
    page = handloom.open(run.path).report().read_text()
    assert "mistakes.csv are left out" in page
    assert "as many texts, and another content or label among them" in page
