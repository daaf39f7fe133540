"""What a classifier's options become: augmentation, optimizer, the metric that chooses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from handloom.config import check
from handloom.data.images.dataset import DataSet, Images
from handloom.engine.optim import SGD, Adam
from handloom.jobs.classifier import scratch
from handloom.jobs.classifier.config import Config, Resolved
from handloom.jobs.classifier.experiment import augmentation, monitor, optimizer
from handloom.models.layers.augment import Augment
from handloom.models.layers.photo_augment import PhotoAugment


def images(count: int, channels: int = 3) -> Images:
    label = torch.arange(count) % 2
    names = tuple(map(str, range(count)))
    return Images(torch.zeros(count, 8, 8, channels, dtype=torch.uint8), label, ("a", "b"), names)


def data(**splits: Images | None) -> DataSet:
    known: dict[str, Any] = {"valid": None, "test": None} | splits
    return DataSet("drawn", images(12), known["valid"], known["test"], (), (), "f" * 32,
                   {"size": [8, 8], "network": "mlp"})  # fmt: skip


def resolved(**options: Any) -> Resolved:
    return scratch.resolve(check(Config, {"network": "mlp"} | options), data())


def test_no_change_is_no_module() -> None:
    config = resolved(translate=0)
    assert augmentation(config, images(4), (8, 8)) is None


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({"translate": 2}, [Augment]),
        ({"translate": 0, "crop": 0.5}, [PhotoAugment]),
        ({"translate": 0, "color": 0.1}, [PhotoAugment]),
        ({"hflip": True, "crop": 0.5}, [PhotoAugment, Augment]),
    ],
)
def test_what_is_asked_for_is_done(options: dict[str, Any], kinds: list[type]) -> None:
    made = augmentation(resolved(**options), images(4), (8, 8))
    assert made is not None
    assert [type(step) for step in made.children()] == kinds


def test_another_size_is_a_step_of_its_own() -> None:
    made = augmentation(resolved(translate=0), images(4), (4, 4))
    assert made is not None
    assert made.train()(torch.zeros(2, 3, 8, 8)).shape == (2, 3, 4, 4)


def test_black_comes_in_beside_grey_images_alone() -> None:
    borders = [
        next(iter(augmentation(resolved(translate=1), images(4, c), (8, 8)).children())).border  # type: ignore[union-attr]
        for c in (1, 3)
    ]
    assert borders == ["zeros", "reflect"]


def test_the_optimizer_is_the_one_asked_for() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(2))]
    sgd = optimizer(resolved(optimizer="sgd", momentum=0.5), parameters)
    adam = optimizer(resolved(optimizer="adamw", lr=0.25), parameters)
    assert isinstance(sgd, SGD)
    assert (sgd.momentum, sgd.nesterov) == (0.5, True)
    assert isinstance(adam, Adam)
    assert (adam.initial_lrs, adam.decoupled) == ([0.25], True)


def test_validation_images_choose_and_test_images_never() -> None:
    config = resolved()
    assert (data().watched, monitor(config, data())) == (None, None)
    assert data(test=images(4)).watched == "test"
    assert monitor(config, data(test=images(4))) is None
    both = data(test=images(4), valid=images(4))
    assert (both.watched, monitor(config, both)) == ("valid", "valid/accuracy")
    assert monitor(replace(config, class_weights="balanced"), both) == "valid/macro_f1"


def test_a_balanced_sampler_draws_every_class_equally_often(shapes: Path) -> None:
    from handloom.data.images.load import load
    from handloom.jobs.classifier.experiment import source

    train = load(shapes, validation=0).train
    assert train.label is not None
    few = train.subset(torch.nonzero((train.label > 0) | (torch.arange(36) < 2))[:, 0])
    drawn = torch.zeros(3)
    for epoch in range(60):
        batches = source(few, 8, torch.device("cpu"), 0, True).batches(epoch)
        drawn += sum(torch.bincount(batch["label"], minlength=3) for batch in batches)
    assert (drawn / drawn.sum() - 1 / 3).abs().max() < 0.05  # of about 1,400, two of 26 images
