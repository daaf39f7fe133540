"""A plain rival beside an evaluation: what a network has to beat to be worth its training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.classification.evaluation import Rival
from handloom.jobs.classifier.config import Resolved

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import Images
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.loading import Loaded

NEAREST = "1-nearest neighbour on the same features"
HEAD = "the head before tuning"
PIXELS = "logistic regression on pixels"
MOST_PRODUCTS = 3e7  # images x pixels x classes of a regression, which take below a second
SIDE = 32  # pixels that larger images are reduced to
STRENGTH = 0.1  # C; 95.3 % on digits, where 0.01 has 91.1 and 1 has 96.1
MOST_PAIRS = 3e11  # images x images x features of nearest neighbours: some seconds
ROWS = 1024  # images compared at a time


def rival(run: Loaded[Record], train: Images, images: Images, label: Tensor) -> Rival | None:
    """{"name", "accuracy"} of a rival that learns from the same training images.

    A head on an encoder is compared with the nearest neighbour by cosine on the same features, a
    tuned network with its head, and one from scratch with logistic regression on pixels. label: of
    `images`, int64 (N,), in the run's own numbering. None where it would take more than seconds, or
    the encoder's weights are gone.
    """
    if run.config["network"]["kind"] != "transferred":
        return _pixels(run, train, images, label)
    if run.options(Resolved).tune == "all":
        return _head(run, train, images, label)
    return _nearest(run, train, images, label)


def nearest_neighbour(known: Tensor, label: Tensor, asked: Tensor) -> Tensor:
    """The label of the nearest of `known` (M, D), by cosine, for every row of `asked` (N, D)."""
    import torch
    from torch.nn import functional as F

    known = F.normalize(known.float())
    nearest = [(F.normalize(rows.float()) @ known.T).argmax(1) for rows in asked.split(ROWS)]
    return label[torch.cat(nearest)]


def _nearest(run: Loaded[Record], train: Images, images: Images, label: Tensor) -> Rival | None:
    from handloom.encoders.features import of_images
    from handloom.jobs.classifier.answers import encoder_before_tuning

    assert train.label is not None
    encoder = encoder_before_tuning(run)
    if len(train) * len(images) * encoder.width > MOST_PAIRS:
        return None
    known, asked = of_images(train.image, encoder), of_images(images.image, encoder)
    return _record(NEAREST, nearest_neighbour(known, train.label, asked) == label)


def _head(run: Loaded[Record], train: Images, images: Images, label: Tensor) -> Rival | None:
    """The head is solved again, by the features that were computed for it."""
    import torch

    from handloom.encoders.features import of_images
    from handloom.jobs.classification.linear_head import solve
    from handloom.jobs.classifier.answers import encoder_before_tuning
    from handloom.models.image.transferred import RootHead

    options = run.options(Resolved)
    try:
        encoder = encoder_before_tuning(run)
    except UserError:
        return None
    assert train.label is not None
    head = RootHead(encoder.width, len(run.config["classes"]))
    is_balanced = options.class_weights == "balanced"
    assert options.strength is not None  # of a head on an encoder
    solve(head, of_images(train.image, encoder), train.label, options.strength, is_balanced)
    with torch.no_grad():
        answers = head(of_images(images.image, encoder)).argmax(1)
    return _record(HEAD, answers == label)


def _pixels(run: Loaded[Record], train: Images, images: Images, label: Tensor) -> Rival | None:
    from handloom.jobs.classification.regression import logistic

    assert train.label is not None
    classes, sides = (
        len(run.config["classes"]),
        (min(SIDE, train.size[0]), min(SIDE, train.size[1])),
    )
    if len(train) * sides[0] * sides[1] * train.channels * classes > MOST_PRODUCTS:
        return None
    known, asked = _reduced(train.image, sides), _reduced(images.image, sides)
    mean = known.mean(0)
    weight, bias = logistic((known - mean).numpy(), train.label, classes, STRENGTH)
    return _record(PIXELS, ((asked - mean) @ weight.T + bias).argmax(1) == label)


def _reduced(image: Tensor, sides: tuple[int, int]) -> Tensor:
    """Pixels in [0, 1], uint8 (N, H, W, C) to (N, D)."""
    from torch.nn import functional as F

    pixels = image.permute(0, 3, 1, 2).float() / 255
    return F.adaptive_avg_pool2d(pixels, sides).flatten(1)


def _record(name: str, is_right: Tensor) -> Rival:
    return {"name": name, "accuracy": round(is_right.float().mean().item(), 6)}
