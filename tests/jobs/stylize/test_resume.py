"""A run of style transfer goes on to the same bits, and not with other images or epochs."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import handloom
from handloom.display.console import Display
from handloom.engine.loop import Fit
from handloom.errors import UserError
from handloom.jobs.training.lifecycle import resume
from handloom.jobs.training.stages import Stages
from handloom.runs.directory import RunDirectory
from tests.engine.toys import StopAt
from tests.jobs.stylize.small import digest, paint
from tests.killed import killed_after_its_first_checkpoint


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("step", [4, 10, 13])  # in the first size, at its end, in the second
def test_resume_is_exact(
    photo: Path, painting: Path, step: int, optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = paint(photo, [painting], photo.parent / "whole.png", optimizer=optimizer)
    with monkeypatch.context() as patch:
        made = Stages._fit

        def stopping(stages: Stages, *given: Any) -> Fit:
            fit = made(stages, *given)
            fit.callbacks.insert(0, StopAt(step))
            return fit

        patch.setattr(Stages, "_fit", stopping)
        stopped = paint(photo, [painting], photo.parent / "stopped.png", optimizer=optimizer)
        assert stopped.status()["status"] == "stopped"
        assert not (photo.parent / "stopped.png").exists()
    with pytest.raises(UserError, match="is not finished, and its"):
        handloom.open(stopped.path).report()
    resume(stopped.path, Display(quiet=True))
    assert stopped.status()["status"] == "finished"
    assert digest(photo.parent / "stopped.png") == digest(photo.parent / "whole.png")
    losses = [[line["train/loss"] for line in run.metrics()] for run in (whole, stopped)]
    assert losses[0] == losses[1]


def test_a_killed_run_goes_on_to_the_same_bits(photo: Path, painting: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"iterations": 40, "size": 64}
    whole = paint(photo, [painting], tmp_path / "whole.png", **options)
    run = RunDirectory(tmp_path / "killed")
    given = [
        str(photo),
        str(painting),
        "--out",
        str(tmp_path / "killed.png"),
        "--run",
        str(run.path),
    ]
    given += ["--network", "random", "--size", "64", "--scales", "2", "--iterations", "40"]
    killed_after_its_first_checkpoint(run.path, "stylize", *given, "--device", "cpu")
    assert run.status()["status"] == "running"
    resume(run.path, Display(quiet=True))
    assert run.status()["status"] == "finished"
    assert digest(tmp_path / "killed.png") == digest(tmp_path / "whole.png")
    losses = [[line["train/loss"] for line in r.metrics()] for r in (run, whole)]
    assert losses[0] == losses[1]


def test_a_fixed_plan_takes_no_epochs(photo: Path, painting: Path) -> None:
    run = paint(photo, [painting], photo.parent / "out.png", scales=1)
    with pytest.raises(UserError, match="--epochs 50: a stylize run has a fixed plan"):
        resume(run.path, Display(quiet=True), 50)


def test_changed_images_are_not_resumed(photo: Path, painting: Path) -> None:
    run = paint(photo, [painting], photo.parent / "out.png", scales=1)
    run.write_status({"status": "stopped", "epoch": 0})
    Image.new("RGB", (80, 80), (10, 200, 10)).save(painting)
    with pytest.raises(UserError, match="not those the run began with"):
        resume(run.path, Display(quiet=True))
