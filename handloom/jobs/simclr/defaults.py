"""What an option of `train simclr` is when it is left out; docs/log.md has what was tried."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.jobs.simclr.config import Config

SCRATCH = ("resnet", "resnet18")  # networks whose weights begin at random
BLURRED = 48  # pixels, below which blur takes away what there is to see (appendix B.9)
EPOCHS = (20, 400)  # at least, at most
VALIDATION = 0.1
MARGINS = {"pairwise": 1.0, "triplet": 0.2}


class Budget(NamedTuple):
    """How much a device can do. steps: of a training, about; batch: images of a step, at most."""

    steps: int
    batch: int


CPU, GPU = Budget(3_000, 128), Budget(20_000, 512)
TUTORIAL: Options = dict(
    network="resnet18", size=64, epochs=100, batch=256, optimizer="adamw", lr=1e-3,
    weight_decay=1e-6, temperature=0.1, crop=0.08, hflip=True, color=1.0, blur=0.5,
)  # fmt: skip


def chosen(config: Config, train: Images, is_cpu: bool, is_pretrained: bool) -> Options:
    """Every option that was left open, for so many images of this kind."""
    known = views_for(train) | dict(projection=128, momentum=0.9, schedule="cosine")
    if config.preset:
        return known | TUTORIAL | _of_another_optimizer(config)
    known |= (
        dict(temperature=0.5) if config.loss == "nt-xent" else dict(margin=MARGINS[config.loss])
    )
    known["network"] = "resnet" if is_cpu else "resnet18"
    return known | training_for(config, len(train), CPU if is_cpu else GPU, is_pretrained)


def width_for(network: str, train: Images) -> int | None:
    """Channels of the first stage, of a network whose weights begin at random."""
    if network not in SCRATCH:
        return None
    is_wide = len(train) >= 10_000 and train.channels == 3
    return 64 if is_wide or network == "resnet18" else 32


def views_for(train: Images) -> Options:
    """How strongly two views of an image differ.

    Of grey images, often digits, letters or things on black, a crop of 8 % shows nothing, and most
    have no mirror image.
    """
    is_grey = train.channels == 1
    return dict(
        crop=0.4 if is_grey else 0.08 if min(train.size) < BLURRED else 0.2,
        hflip=not is_grey,
        rotate=10.0 if is_grey else 0.0,
        color=0.5,
        blur=0.0 if min(train.size) < BLURRED else 0.5,
        noise=0.0,
    )


def training_for(config: Config, count: int, budget: Budget, is_pretrained: bool) -> Options:
    """Batch, epochs, optimizer and learning rate for `count` images."""
    batch = config.batch or min(budget.batch, max(16, 2 ** int(math.log2(max(count, 64) / 4))))
    least, most = EPOCHS
    epochs = min(most, max(least, round(budget.steps * batch / max(count, 1))))
    optimizer = config.optimizer or "sgd"
    return dict(batch=batch, epochs=epochs) | of_optimizer(optimizer, batch, is_pretrained)


def of_optimizer(optimizer: str, batch: int, is_pretrained: bool) -> Options:
    """Learning rate and weight decay of an optimizer for a batch of so many images."""
    # Chen et al. 2020 (appendix B.1) scale by the root of the batch below 4,096 images.
    lr = 0.24 * math.sqrt(batch / 512) * (0.1 if is_pretrained else 1.0)
    if optimizer == "adamw":
        return dict(optimizer="adamw", lr=lr / 50, weight_decay=0.01)
    return dict(optimizer="sgd", lr=lr, weight_decay=5e-4)


def _of_another_optimizer(config: Config) -> Options:
    """Rates of an optimizer that is asked for in place of the tutorial's."""
    if config.optimizer in (None, TUTORIAL["optimizer"]):
        return {}
    return of_optimizer(config.optimizer, config.batch or TUTORIAL["batch"], is_pretrained=False)
