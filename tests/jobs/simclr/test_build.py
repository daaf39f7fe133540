"""`train simclr`: what it reads, refuses, records and repeats."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.errors import UserError
from handloom.runs.directory import RunDirectory

QUICK: dict[str, Any] = {"epochs": 1, "batch": 16, "quiet": True, "device": "cpu"}


@pytest.fixture(scope="module")
def flat(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 36 images in one folder, without labels."""
    folder = tmp_path_factory.mktemp("flat")
    for path in shapes.glob("*/*.png"):
        shutil.copy(path, folder / f"{path.parent.name}-{path.name}")
    return folder


def test_a_run_has_metrics_views_and_a_network_that_opens(run: Path) -> None:
    opened = handloom.open(run)
    lines = opened.metrics
    assert opened.finished
    assert len(lines) == 3
    assert lines[-1]["train/loss"] < lines[0]["train/loss"]
    assert {"valid/knn", "valid/alignment", "valid/uniformity"} <= set(lines[-1])
    assert (run / "samples" / "views.png").stat().st_size > 1000
    network = opened.loaded.networks["network"]
    image = torch.rand(2, 1, 8, 8, device=opened.loaded.device)
    assert network(image).shape == (2, 16)  # the projection
    options = opened.config["options"]
    assert (options["network"], options["hflip"], options["loss"]) == ("resnet", False, "nt-xent")
    assert options["margin"] is None


def test_minutes_are_said_before_they_are_spent(
    flat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = QUICK | {"size": 40, "quiet": False, "validation": 0}
    plain = handloom.train("simclr", flat, out=tmp_path / "plain", **given)
    assert "on this machine" not in capsys.readouterr().err
    monkeypatch.setattr("handloom.jobs.simclr.duration.LEAST", 0.0)
    timed = handloom.train("simclr", flat, out=tmp_path / "timed", **given)
    assert "2 steps take about 0 minutes on this machine; --size 32 is" in capsys.readouterr().err
    assert plain.metrics[-1]["train/loss"] == timed.metrics[-1]["train/loss"]  # to the bit


def test_images_without_labels_are_enough(flat: Path, tmp_path: Path) -> None:
    run = handloom.train("simclr", flat, out=tmp_path / "run", **QUICK)
    assert run.config["classes"] == []
    assert run.evaluation is not None
    assert set(run.evaluation) >= {"alignment", "uniformity", "images"}
    assert "knn" not in run.evaluation
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.parametrize(
    "options", [{}, {"loss": "pairwise"}, {"loss": "triplet", "margin": 0.3}], ids=str
)
def test_labels_are_learned_from_where_they_are_asked_for(
    shapes: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    given = QUICK | {"epochs": 4, "labels": True, "size": 16} | options
    run = handloom.train("simclr", shapes, out=tmp_path / "run", **given)
    assert run.config["options"]["labels"]
    assert run.evaluation is not None
    assert run.evaluation["linear_probe"] >= 0.5


def test_a_resumed_run_ends_with_the_same_bits(shapes: Path, tmp_path: Path) -> None:
    """The views are drawn from the generator that a checkpoint holds."""
    from handloom.display.console import Display
    from handloom.engine.loop import Callback, Fit
    from handloom.jobs.training import lifecycle, stages

    options = QUICK | {"epochs": 3, "blur": 0.5, "rotate": 5.0}
    whole = handloom.train("simclr", shapes, out=tmp_path / "whole", **options).path

    class Stop(Callback):
        def step(self, fit: Fit) -> None:
            fit.progress.interrupted = fit.progress.step == 3

    class Stopping(stages.Stages):
        def _fit(self, *given: Any) -> Fit:
            fit = super()._fit(*given)
            fit.callbacks.insert(0, Stop())
            return fit

    path = tmp_path / "stopped"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifecycle, "Stages", Stopping)
        handloom.train("simclr", shapes, out=path, **options)
    assert RunDirectory.open(path).status()["status"] == "stopped"
    lifecycle.resume(path, Display(quiet=True))
    wanted, networks = (RunDirectory.open(p).networks()["network"] for p in (whole, path))
    assert all(torch.equal(wanted[key], networks[key]) for key in wanted)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"network": "resnet19"}, "no network 'resnet19': did you mean 'resnet18'"),
        ({"weights": "w.pth"}, "give network=timm:NAME with it"),
        ({"network": "timm:resnet18", "size": 64}, "has a size of its own"),
        ({"margin": 0.5}, "nt-xent has no margin"),
        ({"loss": "triplet", "temperature": 0.1}, "triplet has a margin instead"),
        ({"preset": "tutorial", "labels": True}, "leave network, loss"),
        ({"preset": "tutorial", "network": "resnet"}, "preset tutorial is a ResNet-18"),
    ],
    ids=str,
)
def test_options_that_do_not_go_together_are_refused(
    options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=message):
        handloom.train("simclr", "digits", out=tmp_path / "run", quiet=True, **options)
    assert not (tmp_path / "run").exists()


def test_labels_that_are_not_there_are_missed_in_a_sentence(flat: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^labels: "):
        handloom.train("simclr", flat, out=tmp_path / "run", labels=True, quiet=True)


def test_too_few_images_are_refused(shapes: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has 12 images for training: give at least 32"):
        handloom.train("simclr", shapes / "red", out=tmp_path / "run", validation=0.0, quiet=True)


def test_the_tutorial_has_64_pixels_and_a_resnet18(shapes: Path) -> None:
    from handloom.jobs.simclr.build import load, resolve
    from handloom.jobs.simclr.config import Config

    config = Config(preset="tutorial", device="cpu")
    data = load(config, str(shapes), lambda *_: None)
    chosen = resolve(config, data)
    assert data.preprocessing["size"] == [64, 64]
    assert (chosen.network, chosen.size, chosen.lr) == ("resnet18", 64, 1e-3)
    assert (chosen.optimizer, chosen.temperature, chosen.crop) == ("adamw", 0.1, 0.08)
    other = resolve(replace(config, optimizer="sgd"), data)
    assert (other.lr, other.weight_decay) == (pytest.approx(0.17, abs=0.01), 5e-4)  # not adamw's
