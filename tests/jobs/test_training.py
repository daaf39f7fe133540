"""Train and resume, where they touch: what a killed run must not forget."""

import shutil
from pathlib import Path

import pytest
import torch

import handloom
from handloom.engine.loop import Fit
from handloom.errors import UserError
from handloom.runs.directory import RunDirectory

OPTIONS = {"network": "mlp", "epochs": 2, "quiet": True}


def weights(path: Path) -> dict[str, torch.Tensor]:
    return RunDirectory(path).networks()["network"]


def test_killed_before_the_first_step_it_still_begins_with_the_other_runs_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = handloom.train("classifier", "digits", out=tmp_path / "first", seed=5, **OPTIONS).path
    whole = handloom.train(
        "classifier", "digits", from_run=first, out=tmp_path / "whole", **OPTIONS
    ).path

    def killed(_: Fit) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Fit, "run", killed)
        with pytest.raises(RuntimeError, match="killed"):
            handloom.train("classifier", "digits", from_run=first, out=tmp_path / "cut", **OPTIONS)
    handloom.resume(tmp_path / "cut", quiet=True)
    mine, theirs = weights(tmp_path / "cut"), weights(whole)
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    config = handloom.open(whole).config
    assert str(first) in config["from"]
    # The normalisation belongs to the data, and is what config.json says.
    assert mine["normalize.mean"].flatten().tolist() == pytest.approx(config["network"]["mean"])


def test_classes_of_another_name_get_a_new_head(shapes: Path, tmp_path: Path) -> None:
    first = handloom.train("classifier", shapes, out=tmp_path / "a", **OPTIONS).path
    renamed = tmp_path / "renamed"
    for name in ("blue", "green", "red"):
        (renamed / f"dark-{name}").mkdir(parents=True)
        for image in (shapes / name).iterdir():
            (renamed / f"dark-{name}" / image.name).write_bytes(image.read_bytes())
    run = handloom.train(
        "classifier", renamed, from_run=first, out=tmp_path / "b", lr=0.0, **OPTIONS
    )
    mine, theirs = weights(run.path), weights(first)
    assert torch.equal(mine["body.1.weight"], theirs["body.1.weight"])
    assert not torch.equal(mine["head.weight"], theirs["head.weight"])


def moved(shapes: Path, tmp_path: Path, epochs: int = 1) -> Path:
    """A run beside its data, both in a folder that was then renamed."""
    before = tmp_path / "before"
    shutil.copytree(shapes, before / "shapes")
    options = OPTIONS | {"epochs": epochs}
    handloom.train("classifier", before / "shapes", out=before / "run", **options)
    return before.rename(tmp_path / "after")


def test_run_and_data_moved_together_are_found(shapes: Path, tmp_path: Path) -> None:
    after = moved(shapes, tmp_path)
    evaluation = handloom.open(after / "run").evaluation
    assert handloom.open(after / "run").evaluate()["accuracy"] == evaluation["accuracy"]
    assert handloom.resume(after / "run", epochs=2, quiet=True).finished


def test_data_moved_alone_are_taken_where_they_are_told(shapes: Path, tmp_path: Path) -> None:
    after = moved(shapes, tmp_path)
    (after / "shapes").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"are not at .*before/shapes: .* --data FOLDER"):
        handloom.resume(after / "run", epochs=2, quiet=True)
    run = handloom.resume(after / "run", epochs=2, data=tmp_path / "elsewhere", quiet=True)
    assert run.finished


def test_other_data_than_the_runs_are_refused(shapes: Path, tmp_path: Path) -> None:
    after = moved(shapes, tmp_path)
    next((after / "shapes" / "red").iterdir()).unlink()
    with pytest.raises(UserError, match="not those the run began with"):
        handloom.resume(after / "run", epochs=2, data=after / "shapes", quiet=True)
