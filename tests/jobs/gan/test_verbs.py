"""A GAN run is evaluated from its directory alone, on a machine without the data."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.data.images.load import load as load_images
from handloom.errors import UserError
from handloom.jobs.gan.verbs import describe, evaluate
from handloom.jobs.loading import load
from tests.conftest import train_evaluators_quickly


@pytest.fixture(scope="module", params=["conditional", "unconditional"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GAN on the digits that trained for two epochs."""
    out: Path = tmp_path_factory.mktemp("gan") / request.param
    options: dict[str, Any] = dict(
        network="dcgan", epochs=2, evaluate_every=2, seed=1, device="cpu"
    )
    conditional = request.param == "conditional"
    with pytest.MonkeyPatch.context() as patch:
        train_evaluators_quickly(patch, 6_000)  # enough for its classes to be trusted
        handloom.train("gan", "digits", out=out, quiet=True, conditional=conditional, **options)
    return out


def test_evaluates_without_the_data(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = shutil.copytree(run, tmp_path / "elsewhere")
    config = json.loads((moved / "config.json").read_text("utf-8"))
    (moved / "config.json").write_text(json.dumps(config | {"data": "/gone"}))
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "nothing"))
    loaded = load(moved, "cpu")
    before = torch.get_rng_state()
    found = evaluate(loaded)
    assert torch.equal(torch.get_rng_state(), before)
    assert found["images"] == 2_000
    assert found["real"] == 359
    assert found["kernel_distance"] > 0.05  # two epochs are not enough
    assert found["frechet_distance"] > 1
    assert 0 < found["kernel_distance_standard_error"] < 0.1 * found["kernel_distance"]
    floor = found["floor"]
    assert floor["images"] == 1_150
    assert abs(floor["kernel_distance"]) < 0.02 < 0.1 * found["kernel_distance"]
    assert 0 < floor["frechet_distance"] < found["frechet_distance"]
    assert found["diversity"] > 0
    assert sum(found["shares"].values()) == pytest.approx(1, abs=1e-4)
    assert ("class_accuracy" in found) == config["conditional"]
    assert evaluate(load(moved, "cpu")) == found  # fixed latents
    assert handloom.open(run).evaluation == found | {"data": "digits"}
    lines = describe(found)
    assert lines[0].startswith("kernel distance ")
    assert " ± " in lines[0]
    assert lines[1].startswith("for comparison, 1,150 training images: kernel distance ")
    assert "2,000 generated images against 359 images of the test split" in " ".join(lines)
    assert "\n" not in "".join(lines)
    json.dumps(found)


def test_other_images(run: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (80, 20, 20), dtype=np.uint8)
    for i, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    found = evaluate(load(run, "cpu"), str(tmp_path))
    assert (found["reference"], found["real"]) == (str(tmp_path), 80)
    assert f"against 80 images of {tmp_path}," in found["protocol"]
    assert np.isfinite(found["kernel_distance"])


def test_too_few_other_images(run: Path, tmp_path: Path) -> None:
    Image.new("L", (8, 8), 9).save(tmp_path / "one.png")
    with pytest.raises(UserError, match="has 1 image: give at least 64"):
        evaluate(load(run, "cpu"), str(tmp_path))


def test_own_data_by_name_are_the_runs_own(run: Path) -> None:
    loaded = load(run, "cpu")
    assert evaluate(loaded, "digits") == evaluate(loaded)


def test_classes_of_an_inaccurate_evaluator_are_not_reported(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "shares" in evaluate(load(run, "cpu"))
    monkeypatch.setattr("handloom.jobs.gan.verbs.TRUSTED", 1.1)
    found = evaluate(load(run, "cpu"))
    assert not {"shares", "class_accuracy"} & found.keys()
    assert not any("hardly ever drawn" in warning for warning in found["warnings"])


def test_damaged_or_missing_files_are_reported(run: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(run, tmp_path / "run")
    path = moved / "reference.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"reference\.safetensors is damaged"):
        evaluate(load(moved, "cpu"))
    path.unlink()
    with pytest.raises(UserError, match=r"has no reference\.safetensors"):
        evaluate(load(moved, "cpu"))
    other = json.loads((moved / "config.json").read_text("utf-8"))
    other["evaluator"]["network"]["classes"] = 7
    (moved / "config.json").write_text(json.dumps(other))
    shutil.copy(run / "reference.safetensors", path)
    with pytest.raises(UserError, match="restore both from one copy"):
        evaluate(load(moved, "cpu"))


def test_classes_are_as_frequent_as_among_the_other_images(run: Path, tmp_path: Path) -> None:
    """Only threes: a conditional generator is asked for threes alone."""
    data = load_images("digits")
    threes = [row for row, label in enumerate(data.train.label.tolist()) if label == 3]
    (tmp_path / "3").mkdir()
    (tmp_path / "7").mkdir()
    for row in threes[:70]:
        pixels = data.train.image[row, ..., 0].numpy()
        Image.fromarray(pixels).save(tmp_path / "3" / f"{row}.png")
    Image.fromarray(255 - pixels).save(tmp_path / "7" / "0.png")
    loaded = load(run, "cpu")
    found = evaluate(loaded, str(tmp_path))
    says = "classes are as frequent as among these images" in found["protocol"]
    assert says == loaded.config["conditional"]
