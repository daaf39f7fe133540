"""samples/augmented.png: one row a class, and nothing that training draws depends on it."""

from pathlib import Path

import pytest
import torch
from PIL import Image

import handloom
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.data.images.whole import with_whole
from handloom.jobs.classifier.augmented import VARIANTS, Augmented, variants
from handloom.models.layers.augment import Augment
from handloom.models.layers.changes import Changes
from handloom.models.layers.photo_augment import PhotoAugment
from handloom.runs.directory import RunDirectory


def test_the_image_as_it_is_and_then_as_training_sees_it(shapes: Path) -> None:
    train = load(shapes, validation=0).train
    pixels, labels = variants(PhotoAugment((12, 12), 0.5).eval(), train, torch.device("cpu"))
    assert pixels.shape == (3 * (1 + VARIANTS), 12, 12, 3)
    assert labels == [name for name in train.classes for _ in range(1 + VARIANTS)]
    first = pixels.unflatten(0, (3, 1 + VARIANTS)).float()
    assert [int(image.mean((0, 1)).argmax()) for image in first[:, 0]] == [2, 1, 0]  # its own hue
    assert len({float(image.mean()) for image in first[0]}) > VARIANTS // 2
    still, _ = variants(Augment(), train, torch.device("cpu"))
    assert still[0].equal(still[1])


def test_a_run_has_it_and_trains_to_the_same_bits(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"network": "mlp", "epochs": 1, "quiet": True, "rand_augment": 2, "erase": 0.5}
    run = handloom.train("classifier", shapes, out=tmp_path / "a", **options)
    with Image.open(run.path / "samples" / "augmented.png") as image:
        assert min(image.size) > 48
    monkeypatch.setattr(Augmented, "start", lambda *_: None)
    without = handloom.train("classifier", shapes, out=tmp_path / "b", **options)
    mine, theirs = (RunDirectory(r.path).networks()["network"] for r in (run, without))
    assert all(mine[name].equal(theirs[name]) for name in theirs)
    plain = options | {"rand_augment": 0, "erase": 0.0, "translate": 0, "hflip": False}
    monkeypatch.undo()
    bare = handloom.train("classifier", shapes, out=tmp_path / "c", **plain)
    assert not (bare.path / "samples").exists()


def test_whole_photos_are_what_is_changed(tmp_path: Path) -> None:
    """Of photos three times as wide as tall, the ends are seen too."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(6):
            wide = Image.new("RGB", (96, 32), (0, 255, 0))
            wide.paste((255, 0, 0), (0, 0, 32, 32 - number - (name == "a")))
            wide.save(tmp_path / name / f"{number}.png")
    data = load(tmp_path, Reading(fit="crop"), size=16, channels=3, validation=0)
    train = with_whole(data, 24, lambda *_: None).train
    pixels, _ = variants(Changes(PhotoAugment((16, 16), 0.3)), train, torch.device("cpu"))
    red = pixels.unflatten(0, (2, 1 + VARIANTS))[..., 0].float().amax((2, 3))
    assert red[:, 0].max() < 100
    assert red[:, 1:].max() > 200
