"""Default training options of image classifiers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.runs.records import Options

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images
    from handloom.jobs.classifier.config import Config

SCRATCH = ("resnet", "resnet18", "cnn", "lenet", "mlp")  # networks that are trained from scratch
TUTORIAL: dict[str, Options] = {
    # inputs in [-1, 1], the first 80 % for training
    "mlp": dict(epochs=10, batch=256, optimizer="sgd", lr=0.01, momentum=0.9, weight_decay=1e-6),
    "cnn": dict(epochs=30, batch=256, optimizer="sgd", lr=0.01, momentum=0.9, weight_decay=1e-6),
    # inputs in [0, 1], all of the training set
    "lenet": dict(epochs=100, batch=256, optimizer="sgd", lr=0.9, momentum=0.0, weight_decay=0.0),
}
PLAIN: Options = dict(
    schedule="constant",
    class_weights="none",
    sampler="shuffled",
    label_smoothing=0.0,
    ema_decay=0.0,
    norm_first=False,
    translate=0,
    hflip=False,
    rotate=0.0,
    scale=0.0,
    cutout=0,
    crop=1.0,
    color=0.0,
    mixup=0.0,
    erase=0.0,
    rand_augment=0,
    magnitude=5.0,
)
CLASSIC: dict[str, Options] = {
    "mlp": dict(epochs=10, lr=0.5, weight_decay=1e-5, translate=1),
    "cnn": dict(epochs=12, lr=0.1, weight_decay=5e-4, translate=2),
    "lenet": dict(epochs=10, lr=0.5, weight_decay=1e-5),
}
FEW: dict[str, Options] = {  # below 10,000 images
    "mlp": dict(epochs=40, batch=32),
    "cnn": dict(epochs=48, batch=32, lr=0.05),
    # Its sigmoids do not wake up in so few steps of SGD (10 % on digits).
    "lenet": dict(epochs=80, batch=32, optimizer="adamw", lr=0.01, weight_decay=0.01),
}
SMALLEST = 64  # pixels of the shorter side; smaller images have lost what an encoder looks for
# resnet on a card, of many small colour images: three times as wide as on two processor cores,
# four times as long, and better than resnet18 in as many seconds (docs/benchmarks/gpu.md).
ON_CARD: Options = dict(width=192, epochs=40)
LARGE: Options = dict(  # resnet18 on 10,000 images and more: 94.6 % on CIFAR-10 (n = 1)
    width=64, epochs=40, batch=256, lr=0.3, weight_decay=5e-4, label_smoothing=0.1
)
OTHER: dict[str, Options] = {  # where a person asks for another optimizer than the best
    "adamw": dict(lr=3e-3, weight_decay=0.01),
    "sgd": dict(lr=0.1, weight_decay=5e-4),
}
SEARCHED: Options = dict(batch=128, optimizer="sgd", momentum=0.9, schedule="one-cycle")


def tutorial(network: str) -> Options:
    """The classic tutorial's training, to the letter."""
    return PLAIN | TUTORIAL[network]


def searched(
    network: str, train: Images, keep_class: bool | None = None, is_on_card: bool = False
) -> Options:
    """Numbers for a network and a size of data, searched on digits, MNIST, Fashion-MNIST, CIFAR-10
    and 400 photos; docs/log.md has what was tried. N images of S pixels a side.

    keep_class: whether mirrored images do; None where that is not known, and then grey images,
    which are often digits or letters, do not. is_on_card: whether a CUDA device trains.
    """
    n, side = len(train), min(train.size)
    is_mirrored = train.channels == 3 if keep_class is None else keep_class
    chosen = PLAIN | SEARCHED | {"hflip": is_mirrored and network != "mlp"}
    if network not in ("resnet", "resnet18"):
        return chosen | CLASSIC[network] | (FEW[network] if n < 10_000 else {})
    batch = min(256, max(32, 2 ** int(math.log2(max(n, 20) / 20))), max(4, n // 4))
    many_colour = is_many_in_colour(train)
    if network == "resnet18" and many_colour:
        return chosen | LARGE | {"translate": side // 8, "cutout": side // 4}
    small = n < 1_000  # memorised within some epochs, whatever is done: held back harder
    is_wide = network == "resnet18" or many_colour
    is_long = is_scaled(train, chosen["hflip"])  # twice the images, so to say
    chosen |= {
        "width": 64 if is_wide else 32,
        "norm_first": network == "resnet" and many_colour,
        "epochs": 20 if is_long else 10 if n >= 10_000 else 40 if not small else 60,
        "batch": batch,
        "lr": 0.1 if small else 0.4 * math.sqrt(batch / 256),
        "weight_decay": 5e-3 if small else 5e-4,
        "label_smoothing": 0.1,
        "translate": side // 8 if small else max(1, round(side / (28 if is_long else 14))),
        "cutout": side // 4 if small else 0,
    }
    if is_on_card and many_colour and side <= SMALLEST:
        chosen |= ON_CARD | {"translate": side // 8, "cutout": 3 * side // 8}
    return chosen


def is_scaled(train: Images, hflip: bool) -> bool:
    """Whether it is many grey images with mirror images, such as Fashion-MNIST: logits are divided
    by eight, and the answer is the mean over six views."""
    return len(train) >= 10_000 and train.channels == 1 and hflip


def is_many_in_colour(train: Images) -> bool:
    """Whether it is many colour images, such as CIFAR-10: the network is wide, its stages are
    normalised before their activation, where nothing else is asked for, and logits are divided by
    eight."""
    return len(train) >= 10_000 and train.channels == 3


FULL_STEPS = 600  # 60 epochs of 400 photos


def lr_for(lr: float, epochs: int, steps: int) -> float:
    """The learning rate of a training that is shorter than the searched one.

    A rate that suits 600 steps does not suit 60: 400 photos in 3 epochs ended with a validation
    loss of 60 and 3.2 (two seeds) at 0.1, and of 2.3 and 2.2 at 0.01. steps: in an epoch.
    """
    return lr * min(1.0, max(0.1, epochs * steps / FULL_STEPS))


TUNED: Options = PLAIN | dict(  # of pretrained networks; docs/log.md has what was tried
    batch=32,
    optimizer="adamw",
    lr=1e-3,
    momentum=0.9,
    weight_decay=0.02,
    schedule="cosine",
    layer_decay=0.3,
    frozen=0.25,
    label_smoothing=0.1,
    ema_decay=0.99,
    clip=1.0,
    hflip=True,
    tuned_share=0.7,  # Wortsman et al. 2022, arXiv:2109.01903
    crop=0.35,
    color=0.2,
    mixup=0.2,
)
# Where the middle squares of photos are all there is: a head that is solved on crops of these from
# 0.4 at 160 pixels is right less often, without a step of tuning (benchmarks/photos.py --crops).
SQUARE_CROP = 0.75
TUNE_EPOCHS = (8, 30)  # at least, at most
TUNE_IMAGES = 9_600  # 300 steps; 60 to 120 gained nothing over the head


def is_pretrained(network: str) -> bool:
    """Whether a network's name is that of an encoder, such as timm:NAME."""
    return ":" in network


def for_tuning(encoder_size: int, images: int, is_whole: bool) -> Options:
    """Numbers for fine-tuning on so many images an encoder that takes so many pixels a side.

    is_whole: whole photos are there to take crops of.
    """
    return TUNED | {
        "crop": TUNED["crop"] if is_whole else SQUARE_CROP,
        "tune_size": encoder_size,
        "epochs": tuning_epochs(images),
        "batch": min(TUNED["batch"], max(4, images // 8)),
    }


def tuning_epochs(images: int) -> int:
    """Epochs of fine-tuning on so many images."""
    least, most = TUNE_EPOCHS
    return min(most, max(least, round(TUNE_IMAGES / max(images, 1))))


def weights_of(config: Config) -> Path | None:
    """The file of an encoder's weights that was named."""
    return None if config.weights is None else Path(config.weights).expanduser()
