"""Near-copies of training images in other data: they do not count in an evaluation."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import handloom
from handloom.errors import UserError
from handloom.jobs.images import near_copies
from handloom.jobs.images.near_copies import near_trained

KINDS = ("brick", "cloth")


def texture(seed: int) -> Image.Image:
    """A pattern of its own, smooth as a photo is."""
    coarse = np.random.RandomState(seed).randint(0, 256, (7, 7, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)


def saved(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> handloom.Run:
    photos = tmp_path_factory.mktemp("data") / "photos"
    for number in range(24):
        folder = photos / KINDS[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        texture(number).save(folder / f"{number}.png")
    return handloom.train(
        "classifier", photos, out=tmp_path_factory.mktemp("runs") / "run", quiet=True,
        network="mlp", size=48, epochs=1, validation=0.25,
    )  # fmt: skip


@pytest.fixture
def others(run: handloom.Run, tmp_path: Path) -> tuple[Path, int]:
    """Every image of the run's data again, none as it was, and six new ones; and how many of the
    first were trained on, which is for the run to say."""
    for number in range(24):
        image = texture(number)
        changed = (saved(image, 40), image.resize((150, 150)), saved(image.transpose(
            Image.Transpose.FLIP_LEFT_RIGHT), 70))[number % 3]  # fmt: skip
        folder = tmp_path / "others" / KINDS[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        changed.save(folder / f"again-{number}.png")
    for number in range(100, 106):
        texture(number).save(tmp_path / "others" / KINDS[number % 2] / f"new-{number}.png")
    return tmp_path / "others", run.config["images"]["train"]


def test_they_are_left_out_and_counted(run: handloom.Run, others: tuple[Path, int]) -> None:
    folder, trained = others
    evaluation = run.evaluate(folder)
    assert evaluation["near_copies"] == trained == 18
    assert evaluation["images"] == 30 - trained
    assert "trained_on" not in evaluation
    line = f"left out, as near-copies of what was trained on: {trained}"
    assert line in run.describe(evaluation)


def test_an_image_of_another_class_is_no_copy(
    run: handloom.Run, others: tuple[Path, int], tmp_path: Path
) -> None:
    folder, _ = others
    (folder / "brick").rename(tmp_path / "x")
    (folder / "cloth").rename(folder / "brick")
    (tmp_path / "x").rename(folder / "cloth")
    assert "near_copies" not in run.evaluate(folder)


def test_without_the_training_data_it_is_said_that_nobody_looked(
    run: handloom.Run, others: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> None:
        raise UserError("gone")

    monkeypatch.setattr(near_copies, "own_data", absent)
    evaluation = run.evaluate(others[0])
    assert evaluation["images"] == 30
    assert any("near-copies of training images" in note for note in evaluation["notes"])


def test_nothing_but_near_copies_is_refused(
    run: handloom.Run, others: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = lambda _, images: near_copies.NearCopies(torch.ones(len(images), dtype=torch.bool))
    monkeypatch.setattr(near_copies, "near_trained", every)
    with pytest.raises(UserError, match=r"all 30 images .* are near-copies of some"):
        run.evaluate(others[0])


def test_small_images_are_not_compared(run: handloom.Run) -> None:
    from handloom.data.images.load import load

    digits = load("digits").train
    assert not near_trained(run.loaded, digits).are.any()
