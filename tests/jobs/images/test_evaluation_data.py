"""What an evaluation of other data knows of images that belong together."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import handloom
from handloom.errors import UserError


def patients(folder: Path, seed: int, header: str = "image,label,patient") -> Path:
    """A table of four images of each of six patients, and the images beside it."""
    folder.mkdir()
    numbers, lines = np.random.default_rng(seed), [header]
    for row in range(24):
        pixels = numbers.integers(0, 255, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{row}.png")
        cells = [f"{row}.png", "ab"[row // 4 % 2], f"p{row // 4}"]
        lines.append(",".join(cells[: header.count(",") + 1]))
    table = folder / "table.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    return table


def test_groups_of_other_data_are_those_of_the_training(tmp_path: Path) -> None:
    run = handloom.train(
        "classifier", patients(tmp_path / "own", 0), out=tmp_path / "run", network="mlp",
        epochs=1, group="patient", quiet=True,
    )  # fmt: skip
    other = run.evaluate(patients(tmp_path / "other", 1))
    assert (other["images"], other["groups"], other["independent"]) == (24, 6, 6.0)
    alone = run.evaluate(patients(tmp_path / "alone", 2, "image,label"))
    assert "groups" not in alone
    assert any("takes images as independent: patient, by which" in each for each in alone["notes"])
    named = patients(tmp_path / "named", 3, "image,label,person")
    assert run.evaluate(named, group="person")["groups"] == 6
    with pytest.raises(UserError, match="group=doctor"):
        run.evaluate(named, group="doctor")


def test_a_test_split_alone_has_groups(tmp_path: Path) -> None:
    run = handloom.train(
        "classifier", patients(tmp_path / "own", 0), out=tmp_path / "run", network="mlp",
        epochs=1, quiet=True,
    )  # fmt: skip
    table = patients(tmp_path / "other", 1)
    lines = table.read_text("utf-8").splitlines()
    split = [f"{line},{'split' if not row else 'test'}" for row, line in enumerate(lines)]
    table.write_text("\n".join(split), encoding="utf-8")
    assert run.evaluate(table, group="patient")["groups"] == 6


def test_own_data_have_the_groups_that_are_asked_for(tmp_path: Path) -> None:
    table = patients(tmp_path / "own", 0)
    run = handloom.train(
        "classifier", table, out=tmp_path / "run", network="mlp", epochs=1, validation=0.5,
        quiet=True,
    )  # fmt: skip
    for data in (None, table):
        assert "groups" not in run.evaluate(data)
        figures = run.evaluate(data, group="patient")
        assert figures["groups"] <= 6 < figures["images"]
        with pytest.raises(UserError, match="group=doctor"):
            run.evaluate(data, group="doctor")


def test_arrays_have_no_groups_to_ask_for(digits_run: Path) -> None:
    for data in (None, "digits"):
        with pytest.raises(UserError, match="group=prefix: 'digits' comes as arrays"):
            handloom.open(digits_run).evaluate(data, group="prefix")
