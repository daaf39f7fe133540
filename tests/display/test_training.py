"""What is shown before a training."""

from pathlib import Path
from typing import Any

import pytest

from handloom.display.console import Display
from handloom.display.training import announce_data, announce_networks, announce_training
from handloom.jobs.training.preparation import prepare


def test_data_below_the_working_directory_are_named_as_they_are_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    record: Any = {"images": {"train": 2}}
    elsewhere = str(tmp_path.parent / "photos")
    for data, shown in (
        (str(tmp_path / "set" / "photos"), "./set/photos"), (elsewhere, elsewhere),
        ("digits", "digits"), ("rows of (images, labels)", "rows of (images, labels)"),
    ):  # fmt: skip
        announce_data(Display(stderr=True), data, record, [])
        assert capsys.readouterr().err == f"{shown}: 2 train\n"


def test_everything_shown_before_a_training_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    prepared = prepare("classifier", "digits", {"network": "mlp"}, Display(quiet=True))
    prepared.resolve()
    built, display = prepared.build(), Display(stderr=True)
    announce_data(display, "digits", built.record, ["a [bold]note[/bold] with \x1b[31m"])
    announce_networks(display, built.experiment, built.example)
    announce_training(display, built.experiment, [("head", 0), ("all", 3)], Path("runs/[x]"))
    shown = capsys.readouterr().err
    for part in (
        "in 10 classes",
        "a [bold]note[/bold] with \\x1b[31m",
        "3 epochs (head in closed form, all 3)",
        "runs/[x]",
    ):
        assert part in shown
    announce_training(display, built.experiment, [("train", 0)], Path("runs/y"))
    assert capsys.readouterr().err.startswith(f"a closed-form fit on {prepared.device}")
