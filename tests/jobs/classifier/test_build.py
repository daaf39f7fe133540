"""The classifier's recipe: every network through the real command line, presets, resolution."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.cli.main import main
from handloom.config import check
from handloom.data.images.decode import decode
from handloom.encoders import preprocessing
from handloom.jobs.classifier import build as classifier
from handloom.jobs.classifier.config import Config
from handloom.runs.directory import RunDirectory

from .conftest import ENCODER


@pytest.mark.parametrize("network", ["resnet", "cnn", "lenet", "mlp"])
def test_every_network_trains_and_opens_again(network: str, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    words = ["train", "classifier", "digits", "--network", network, "--epochs", "2", "--out", out]
    assert main(words) == 0
    run = handloom.open(out)
    assert run.finished
    assert [record["epoch"] for record in run.metrics] == [1, 2]
    assert run.metrics[-1]["train/loss"] < run.metrics[0]["train/loss"]
    # The evaluation of the run opened anew is that of the run just trained.
    kept = RunDirectory(tmp_path / "run").evaluation()
    assert kept == run.evaluate()
    assert kept is not None
    assert kept["split"] == "test"
    assert kept["images"] == 359


def test_the_default_learns_digits(digits_run: Path) -> None:
    """Three epochs are enough for most digits; a tenth right would be chance."""
    assert handloom.open(digits_run).evaluate()["accuracy"] > 0.5


def test_photos_are_seen_to_their_edges(photos: Path, encoder_weights: Path) -> None:
    """Without the margin that the network's validation has."""
    config = check(Config, {"network": ENCODER, "weights": str(encoder_weights)})
    data = classifier.load(config, str(photos), lambda *_: None)
    assert preprocessing(ENCODER)["crop"] < 1
    whole = decode(photos / "sea" / "0.png", preprocessing(ENCODER) | {"crop": 1.0})
    every = torch.cat([part.image for part in data.splits.values()])
    assert any(torch.equal(image, whole) for image in every)


def test_folder_of_images(shapes: Path, tmp_path: Path) -> None:
    run = handloom.train("classifier", shapes, out=tmp_path / "r", epochs=8, quiet=True)
    assert run.config["classes"] == ["blue", "green", "red"]
    assert run.config["network"]["size"] == [16, 16, 3]
    records = run.predict(shapes / "red")
    assert len(records) == 12
    assert sum(record["label"] == "red" for record in records) >= 10


def test_same_seed_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    def weights(name: str, seed: int) -> torch.Tensor:
        run = handloom.train(
            "classifier", "digits", network="mlp", epochs=1, seed=seed,
            out=tmp_path / name, quiet=True,
        )  # fmt: skip
        return RunDirectory(run.path).networks()["network"]["head.weight"]

    first = weights("a", 3)
    assert torch.equal(first, weights("b", 3))
    assert not torch.equal(first, weights("c", 4))


def test_tutorial_presets_are_the_tutorials_numbers() -> None:
    quiet = lambda *_: None
    for network, epochs, lr in (("mlp", 10, 0.01), ("cnn", 30, 0.01), ("lenet", 100, 0.9)):
        config = check(classifier.Config, {"network": network, "preset": "tutorial"})
        data = classifier.load(config, "digits", quiet)
        config = classifier.resolve(config, data)
        assert (config.epochs, config.lr, config.batch) == (epochs, lr, 256)
        assert config.schedule == "constant"
        assert (data.valid is None) == (network == "lenet")
        if data.valid is not None:  # the first 80 %, in order
            assert data.train.names[:2] == ("train/0", "train/1")
            assert data.valid.names[0] == f"train/{len(data.train)}"


def test_the_tutorials_train_on_every_class_of_a_folder(photos: Path) -> None:
    """Its images come class by class: the first 80 % of them would lack the last class."""
    config = check(classifier.Config, {"network": "cnn", "preset": "tutorial", "size": 32})
    data = classifier.load(config, str(photos), lambda *_: None)
    for part in (data.train, data.valid):
        assert part is not None
        assert part.label is not None
        assert set(part.label.tolist()) == {0, 1, 2}


def test_everything_is_resolved_in_the_record(digits_run: Path) -> None:
    config = json.loads((digits_run / "config.json").read_text("utf-8"))
    left_open = {name for name, value in config["options"].items() if value is None}
    reading = {"splits", "root", "image_column", "label_column", "unclear_labels", "fit", "group"}
    pretrained = {
        "weights", "tune", "strength", "layer_decay", "frozen", "tune_size", "tuned_share"
    }  # fmt: skip
    usual = {"preset", "minutes", "validation", "clip", "patience", "corrections", "split_seed"}
    assert left_open <= usual | reading | pretrained
    assert config["environment"]["precision"] in ("float32", "bfloat16")
    assert config["format"] == 2


def test_minutes_become_epochs(tmp_path: Path) -> None:
    run = handloom.train(
        "classifier", "digits", network="mlp", minutes=0.02, out=tmp_path / "r", quiet=True
    )
    assert run.config["options"]["minutes"] is None
    assert run.config["epochs"] == run.metrics[-1]["epoch"] >= 1


def test_start_from_another_run(digits_run: Path, tmp_path: Path) -> None:
    run = handloom.train(
        "classifier",
        "digits",
        from_run=digits_run,
        epochs=1,
        lr=0.0,
        out=tmp_path / "r",
        quiet=True,
    )
    # A learning rate of zero leaves the weights as they came.
    mine = RunDirectory(run.path).networks()["network"]["head.weight"]
    assert torch.allclose(mine, RunDirectory(digits_run).networks()["network"]["head.weight"])


def test_another_optimizer_brings_its_own_rate() -> None:
    """AdamW at the rate of SGD, 0.2 here, would never learn."""
    quiet = lambda *_: None
    config = check(classifier.Config, {"optimizer": "adamw"})
    chosen = classifier.resolve(config, classifier.load(config, "digits", quiet))
    assert (chosen.optimizer, chosen.lr) == ("adamw", 3e-3)
    own = check(classifier.Config, {"optimizer": "adamw", "lr": 0.5})
    assert classifier.resolve(own, classifier.load(own, "digits", quiet)).lr == 0.5


def test_a_rare_class_is_found_where_classes_are_balanced(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Noise and slightly brighter noise, 10 to 1: by accuracy alone nobody needs the second."""
    generator = np.random.default_rng(0)
    for name, count, level in (("common", 600, 110.0), ("rare", 60, 128.0)):
        (tmp_path / "d" / name).mkdir(parents=True)
        for i in range(count):
            pixels = generator.normal(level, 30, (4, 4))
            image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
            image.save(tmp_path / "d" / name / f"{i}.png")
    recall = {}
    for weights in ("none", "balanced"):
        run = handloom.train(
            "classifier", tmp_path / "d", network="mlp", class_weights=weights, epochs=100, seed=1,
            lr=0.01, duplicates="ignore", validation=0.4, out=tmp_path / weights,
        )  # fmt: skip
        recall[weights] = run.evaluate()["classes"]["rare"]["recall"]
    # Ten seeds, float32 and bfloat16: 0.21 to 0.46 more.
    assert recall["balanced"] > recall["none"] + 0.1
    said = " ".join(capfd.readouterr().err.split())
    assert "classes are unequal: 'common' has 360 training images, 'rare' has 36" in said
    assert "one of 'rare' weighs 10 times as much" in said
    best = RunDirectory(tmp_path / "balanced").status()["best_epoch"]
    metrics = handloom.open(tmp_path / "balanced").metrics
    assert metrics[best - 1]["valid/macro_f1"] == max(line["valid/macro_f1"] for line in metrics)
