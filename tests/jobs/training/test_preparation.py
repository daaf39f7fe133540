"""Minutes become epochs of the stages that take them, after what the other stages need."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.display.console import Display
from handloom.engine.loop import Experiment
from handloom.errors import UserError
from handloom.jobs import classifier as classifier_folder
from handloom.jobs.training.preparation import Prepared, prepare
from handloom.jobs.training.stage import Built, Stage
from tests.jobs import tuning


class Slow:
    """Batches of another source, each after `seconds`."""

    def __init__(self, source: Any, seconds: float) -> None:
        self.source, self.seconds = source, seconds
        self.steps, self.batch_size = source.steps, source.batch_size

    def batches(self, epoch: int, start: int = 0) -> Iterator[Any]:
        for batch in self.source.batches(epoch, start):
            time.sleep(self.seconds)
            yield batch


def epochs(*given: Any) -> int:
    """Of a plan, as `slowed` takes it."""
    planned = slowed(*given).config
    assert vars(planned)["minutes"] is None
    return int(vars(planned)["epochs"])


def slowed(
    monkeypatch: pytest.MonkeyPatch, data: Path, minutes: float, solving: float, evaluating: float
) -> Prepared:
    """What is planned where a step takes at least 0.05 s, of which an epoch has few."""

    def build(config: Any, loaded: Any, device: torch.device) -> Built:
        built = tuning.build(config, loaded, device)
        head, everything = built.stages

        def solve(experiment: Experiment) -> None:
            time.sleep(solving)

        def slow(previous: Experiment | None) -> Experiment:
            made = everything.build(previous)
            made.evaluations = {"valid": Slow(made.evaluations["valid"], evaluating)}
            return replace(made, train=Slow(made.train, 0.05))

        stages = [replace(head, solve=solve), Stage("everything", everything.epochs, slow)]
        return replace(built, stages=stages)

    job = replace(tuning.JOB, build=build, search=None)
    monkeypatch.setattr(classifier_folder, "JOB", job)
    options = {"network": "mlp", "minutes": minutes}
    prepared = prepare("classifier", str(data), options, Display(quiet=True))
    prepared.resolve()
    return prepared


def test_minutes_are_those_of_the_slow_stage(shapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # 29 training images in batches of 8: 3 steps, at least 0.15 s an epoch; 6 s have at most 40.
    assert 5 < epochs(monkeypatch, shapes, 0.1, 0.0, 0.0) <= 41


def test_what_is_solved_first_is_taken_off(shapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert epochs(monkeypatch, shapes, 0.05, 2.9, 0.0) <= 3


def test_evaluations_count(shapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert epochs(monkeypatch, shapes, 0.1, 0.0, 1.0) <= 6


@pytest.mark.parametrize(("minutes", "is_noted"), [(0.01, True), (0.1, False)])
def test_minutes_that_are_less_than_an_epoch_are_named(
    shapes: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, is_noted: bool
) -> None:
    prepared = slowed(monkeypatch, shapes, minutes, 0.0, 1.0)
    assert bool(prepared.notes) is is_noted
    if is_noted:
        assert vars(prepared.config)["epochs"] == 1
        assert "--minutes 0.01 is less than one epoch takes here" in prepared.notes[0]


def test_minutes_of_what_is_only_solved_change_nothing(tmp_path: Path) -> None:
    pairs = [(f"{kind} {i}", kind) for i in range(20) for kind in ("good", "bad")]
    run = handloom.train(
        "text-classifier", pairs, network="linear", minutes=1.0, out=tmp_path / "run", quiet=True
    )
    assert run.finished
    assert run.config["options"]["minutes"] is None
    with pytest.raises(UserError, match=r"'linear', is solved, not trained epoch by epoch"):
        handloom.resume(run.path, epochs=5, quiet=True)


@pytest.mark.parametrize("network", ["mlp", "lenet", "cnn"])
@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("split", ("train", "test")),
        ("split", ("training", "holdout")),
        ("is_test", ("False", "True")),
    ],
)
def test_the_tutorial_does_not_train_on_what_a_table_holds_out(
    shapes: Path, tmp_path: Path, network: str, header: str, names: tuple[str, str]
) -> None:
    files = sorted(shapes.rglob("*.png"))
    rows = [f"{path},{path.parent.name},{names[i % 4 == 0]}" for i, path in enumerate(files)]
    (tmp_path / "t.csv").write_text("\n".join([f"image,label,{header}", *rows]))
    options = {"preset": "tutorial", "network": network}
    loaded = prepare("classifier", str(tmp_path / "t.csv"), options, Display(quiet=True)).loaded
    learned, held_out = (
        {"/".join(Path(name).parts[-2:]) for name in part.names}
        for part in (loaded.train, loaded.test)
    )
    assert held_out == {f"{path.parent.name}/{path.name}" for path in files[::4]}
    assert learned
    assert not learned & held_out


def test_files_that_options_name_are_recorded_in_full(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(shapes.rglob("*.png"))
    rows = [f"{path.relative_to(shapes)},{path.parent.name}" for path in files]
    (tmp_path / "t.csv").write_text("\n".join(["image,label", *rows]))
    monkeypatch.chdir(shapes.parent)
    options = {"root": shapes.name, "network": "mlp"}
    prepared = prepare("classifier", str(tmp_path / "t.csv"), options, Display(quiet=True))
    assert getattr(prepared.config, "root") == str(shapes)  # noqa: B009
