"""Repeated runs that would differ in more than their seed are refused before they are trained."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from handloom.display.console import Display
from handloom.errors import UserError
from handloom.jobs.classifier import defaults
from handloom.jobs.text_classifier.trials import SOLVED
from handloom.jobs.training import lifecycle
from handloom.jobs.training.repeats import repeat, resume
from handloom.runs.directory import RunDirectory
from handloom.runs.records import Options
from handloom.runs.repeats import RepeatsDirectory

OPTIONS: dict[str, Any] = {"network": "mlp", "epochs": 1}


class Killed(BaseException):
    """The process has ended."""


@pytest.fixture
def display() -> Display:
    return Display(quiet=True)


def test_data_that_change_between_two_runs(
    shapes: Path, display: Display, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    shutil.copytree(shapes, data)
    options = OPTIONS | {"validation": 0.0}
    train = lifecycle.train

    def changing(*arguments: Any) -> RunDirectory:
        made = train(*arguments)
        (data / "red" / "3.png").unlink(missing_ok=True)
        return made

    monkeypatch.setattr(lifecycle, "train", changing)
    with pytest.raises(UserError, match="the runs cannot be compared"):
        repeat("classifier", str(data), options, 2, display, tmp_path / "r")


def killed_after_the_first(
    job: str,
    data: str,
    options: Options,
    display: Display,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Repeated runs of which the second has not begun."""
    train = lifecycle.train

    def once(*arguments: Any) -> RunDirectory:
        if (out / "1").exists():
            raise Killed
        return train(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "train", once)
        with pytest.raises(Killed):
            repeat(job, data, options, 2, display, out)
    return out


def test_a_version_that_chooses_otherwise_does_not_go_on(
    display: Display, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = killed_after_the_first(
        "classifier", "digits", OPTIONS, display, tmp_path / "r", monkeypatch
    )
    with monkeypatch.context() as patch:
        patch.setitem(defaults.FEW, "mlp", {"batch": 64})
        for _ in range(2):
            with pytest.raises(UserError, match=r"than its seed \(batch 32, now 64\), as another"):
                resume(out, display)
            assert not (out / "2" / "config.json").exists()
    resume(out, display)
    assert RepeatsDirectory(out).plan()["summary"]["metrics"]["accuracy"]["n"] == 2


def test_a_network_that_is_built_otherwise_does_not_go_on(
    display: Display, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = killed_after_the_first(
        "classifier", "digits", OPTIONS, display, tmp_path / "r", monkeypatch
    )
    first = RunDirectory(out / "1")
    config = first.config()
    first.write_config(config | {"network": config["network"] | {"widths": 3}})
    with pytest.raises(UserError, match=r"than its seed \(network with other widths\)"):
        resume(out, display)


def test_other_candidates_are_not_tried(
    display: Display, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data.csv"
    rows = [f"{'good' if i % 2 else 'bad'} film number {i},{i % 2}" for i in range(60)]
    data.write_text("text,target\n" + "\n".join(rows) + "\n")
    out = killed_after_the_first(
        "text-classifier", str(data), {}, display, tmp_path / "r", monkeypatch
    )
    with monkeypatch.context() as patch:
        patch.setattr("handloom.jobs.text_classifier.trials.SOLVED", SOLVED[:1])
        with pytest.raises(UserError, match=r"more than its seed \(other trials\)"):
            resume(out, display)
    resume(out, display)
    assert RepeatsDirectory(out).plan()["summary"]["metrics"]["accuracy"]["n"] == 2
