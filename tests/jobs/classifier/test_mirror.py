"""Whether mirrored images keep their class, on real digits and on images that are drawn."""

import pytest
import torch
from torch import Tensor

from handloom.config import check
from handloom.data.images.dataset import DataSet, Images
from handloom.jobs.classifier import build, scratch
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.defaults import is_scaled, searched
from handloom.jobs.classifier.experiment import data_record
from handloom.jobs.classifier.mirror import FEWEST, Mirrored, mirrored, with_mirrored

HOUSE = torch.tensor([[0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [1, 1, 1, 1, 1], [1, 0, 0, 0, 1],
                      [1, 1, 1, 1, 1]])  # fmt: skip
CROSS = torch.tensor([[0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0],
                      [0, 0, 1, 0, 0]])  # fmt: skip
ARROW = torch.tensor([[0, 0, 1, 0, 0], [0, 1, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 0, 0],
                      [0, 0, 1, 0, 0]])  # fmt: skip


def shapes(*shapes: Tensor, images: int = 150, noise: float = 40.0) -> DataSet:
    """A class for each shape, drawn at a random place of 16x16 noisy pixels."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(images) % len(shapes)
    image = noise * torch.rand(images, 16, 16, generator=generator)
    corners = torch.randint(0, 7, (images, 2), generator=generator).tolist()
    for row, (top, left) in enumerate(corners):
        shape = shapes[label[row]].float().kron(torch.ones(2, 2))
        image[row, top : top + 10, left : left + 10] += 200 * shape
    names = tuple(f"train/{row}" for row in range(images))
    classes = tuple(f"shape {number}" for number in range(len(shapes)))
    train = Images(image.to(torch.uint8)[..., None], label, classes, names)
    preprocessing = {"size": [16, 16], "channels": 1, "network": "resnet"}
    return DataSet("shapes", train, None, None, (), (), "0" * 32, preprocessing)


def test_digits_lose_their_class() -> None:
    data = build.load(check(Config, {"network": "resnet"}), "digits", lambda *_: None)
    fact = data.facts["mirrored"]
    assert fact["keep_class"] is False
    assert fact["mirrored"] < 0.5 < 0.9 < fact["recognized"]
    assert any("lose their class (" in note for note in data.notes)
    assert data_record(data)["mirrored"] == fact
    assert not scratch.resolve(check(Config, {"network": "resnet"}), data).hflip


@pytest.mark.parametrize("asked", [True, False])
def test_a_person_decides_otherwise(asked: bool) -> None:
    config = check(Config, {"network": "resnet", "hflip": asked})
    data = build.load(config, "digits", lambda *_: None)
    assert "mirrored" not in data_record(data)
    assert not any("mirrored" in note for note in data.notes)
    assert scratch.resolve(config, data).hflip is asked


def test_symmetric_shapes_keep_their_class() -> None:
    data = with_mirrored(shapes(HOUSE, CROSS))
    assert data.facts["mirrored"]["keep_class"] is True
    assert any("keep their class (" in note for note in data.notes)
    assert scratch.resolve(check(Config, {"network": "resnet"}), data).hflip


def test_left_and_right_do_not() -> None:
    """Most classes are symmetric, so most mirrored images are recognized; two collide."""
    symmetric = [HOUSE, CROSS, HOUSE.flip(0), 1 - HOUSE, 1 - CROSS, torch.ones(5, 5)]
    seen = mirrored(shapes(*symmetric, ARROW, ARROW.flip(1), images=400))
    assert seen is not None
    assert seen.keep_class is False
    assert "look like other classes" in seen.sentence()


def test_the_same_whatever_the_seed() -> None:
    data = shapes(HOUSE, ARROW)
    torch.manual_seed(1)
    first = mirrored(data)
    torch.manual_seed(2)
    assert mirrored(data) == first


def test_few_images_and_noise_do_not_tell() -> None:
    assert mirrored(shapes(HOUSE, CROSS, images=FEWEST - 1)) is None
    noise = shapes(HOUSE, CROSS)
    image = torch.randint(0, 256, noise.train.image.shape, dtype=torch.uint8)
    blind = Images(image, noise.train.label, noise.train.classes, noise.train.names)
    assert Mirrored(150, 0.55, 0.55, 0.55, 0.5).keep_class is None
    data = DataSet("noise", blind, None, None, (), (), "0" * 32, {})
    assert with_mirrored(data).notes == ()


def test_many_grey_images_with_mirror_images_are_trained_longer() -> None:
    many = Images(
        torch.zeros(1, 28, 28, 1, dtype=torch.uint8).expand(10_000, 28, 28, 1),
        torch.zeros(10_000, dtype=torch.int64), ("a", "b"), ("a",) * 10_000,
    )  # fmt: skip
    for keep_class, numbers in ((True, (20, 1)), (False, (10, 2)), (None, (10, 2))):
        chosen = searched("resnet", many, keep_class)
        assert (chosen["epochs"], chosen["translate"]) == numbers
        assert chosen["hflip"] is bool(keep_class)
        assert is_scaled(many, chosen["hflip"]) is bool(keep_class)
    assert searched("mlp", many, True)["hflip"] is False
