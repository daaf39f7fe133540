"""The plain rival of an evaluation learns from the same training images."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

import handloom
from handloom.jobs.classification.evaluation import beside
from handloom.jobs.classifier import rival as rivals
from handloom.jobs.classifier import trials
from handloom.jobs.classifier.rival import HEAD, NEAREST, PIXELS, nearest_neighbour
from handloom.jobs.images.data import own_data


def test_the_nearest_is_that_of_the_smallest_angle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivals, "ROWS", 7)
    generator = torch.Generator().manual_seed(0)
    known, asked = (torch.randn(count, 5, generator=generator) for count in (40, 30))
    label = torch.arange(40)
    angles = torch.stack([F.cosine_similarity(row[None], known) for row in asked])
    assert nearest_neighbour(known * 3, label, asked * 0.1).equal(angles.argmax(1))


def test_from_scratch_it_is_a_regression_on_pixels(digits_run: Path) -> None:
    evaluation = handloom.open(digits_run).evaluation
    assert evaluation is not None
    assert evaluation["rival"]["name"] == PIXELS
    assert 0.9 < evaluation["rival"]["accuracy"] < 0.99
    line = handloom.open(digits_run).describe(evaluation)
    assert f"comparison: {PIXELS} {100 * evaluation['rival']['accuracy']:.2f} %," in line


def test_of_other_data_there_is_none(digits_run: Path, tmp_path: Path) -> None:
    from PIL import Image

    test = own_data(handloom.open(digits_run).loaded).test
    assert test is not None
    for row in range(20):
        name = tmp_path / test.classes[int(test.label[row])] / f"{row}.png"  # type: ignore[index]
        name.parent.mkdir(exist_ok=True)
        Image.fromarray(test.image[row, ..., 0].numpy()).save(name)
    assert "rival" not in handloom.open(digits_run).evaluate(tmp_path)


def test_what_takes_long_is_left_out(digits_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivals, "MOST_PRODUCTS", 1000)
    assert "rival" not in handloom.open(digits_run).evaluate()


def test_a_head_is_compared_with_the_nearest_neighbour(
    photos: Path, encoder_weights: Path, tmp_path: Path
) -> None:
    run = handloom.train(
        "classifier", photos, out=tmp_path / "run", network="timm:test_resnet",
        weights=str(encoder_weights), quiet=True,
    )  # fmt: skip
    assert run.evaluation is not None
    assert run.evaluation["rival"]["name"] == NEAREST
    assert run.evaluate()["rival"] == run.evaluation["rival"]


def test_a_tuned_network_is_compared_with_its_head(
    photos: Path, encoder_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same head as a run of the head alone has; none once the encoder's weights are gone."""
    import shutil

    def clearly(*_: Any) -> dict[str, float]:
        return {"accuracy": 1.0, "head": 0.5, "gain": 0.5}

    monkeypatch.setattr(trials, "_tuned", clearly)
    weights = tmp_path / "w.safetensors"
    shutil.copy(encoder_weights, weights)
    options: dict[str, Any] = {
        "network": "timm:test_resnet", "weights": str(weights), "quiet": True
    }  # fmt: skip
    head = handloom.train("classifier", photos, out=tmp_path / "head", **options)
    tuned = handloom.train(
        "classifier", photos, out=tmp_path / "tuned", tune="all", epochs=1, **options
    )
    assert head.evaluation is not None
    assert tuned.evaluation is not None
    expected = {"name": HEAD, "accuracy": head.evaluation["accuracy"]}
    assert tuned.evaluation["rival"] == expected
    weights.unlink()
    assert "rival" not in tuned.evaluate()


def test_a_rival_that_is_better_is_a_warning() -> None:
    evaluation = {"accuracy": 0.8, "majority": 0.1, "warnings": ["little"]}
    made = beside(evaluation, {"name": NEAREST, "accuracy": 0.9})
    assert made["warnings"] == ["little", f"{NEAREST} is right more often"]
    assert beside(evaluation, {"name": NEAREST, "accuracy": 0.8})["warnings"] == ["little"]
    worse = evaluation | {"accuracy": 0.1}  # which is said already
    assert beside(worse, {"name": NEAREST, "accuracy": 0.7})["warnings"] == ["little"]
    assert beside(evaluation, None) == evaluation
