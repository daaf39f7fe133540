"""The network a judge sees with: a classifier of the data, one of turns, or a published one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from handloom.data.io.weights import read_weights
from handloom.data.loaders import InMemoryLoader
from handloom.engine.evaluate import evaluate
from handloom.engine.loop import Experiment, fit
from handloom.engine.optim import SGD
from handloom.engine.precision import Precision, channels_last
from handloom.engine.schedule import one_cycle, scheduled_lr
from handloom.models.image.resnet import ResNet
from handloom.models.image.shrunk import Shrunk, shrunk_size
from handloom.objectives.classification import Classification

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet, Images

WIDTH = 16
SIDE = 64  # pixels: larger images are shrunk, or learning would take minutes
PIXELS = 48_000_000  # seen in training: 60,000 images of 28x28, counted as often as seen, but
LEAST, MOST = 16_000, 60_000  # images whatever their size
TURNED = 32 << 20  # bytes of images that are kept in all their turns
LR, BATCH = 0.2, 64
SPLITS = {"train": "training", "valid": "validation", "test": "test"}
SEED = 0  # its own: runs of all seeds over the same data have the same judge


def recorded(weights: str | None, data: DataSet, most: int) -> dict[str, Any]:
    """What config.json holds of a judge: sizes of its network, and how many images of what.

    weights: path of a published network's, or None for one trained on the data: a classifier
    where there are two classes or more, otherwise one that tells how an image was turned.
    """
    size = [*data.train.size, data.train.channels]
    unseen = unseen_split(data)
    record = {
        "size": size,
        **_real(data, *reference_split(data), most),
        "unseen": None if unseen is None else _real(data, "test", unseen, most),
        "training": min(most, len(data.train)),
        "trained": len(data.train),
    }
    return record | (_published(weights) if weights is not None else _trained_here(data, size))


def _real(data: DataSet, split: str, images: Images, most: int) -> dict[str, Any]:
    """What is recorded of real images that generated ones are compared with."""
    return {
        "reference": f"the {SPLITS[split]} split",
        "real": min(most, len(images)),
        "shares": _shares(images, len(data.train.classes)) if _labelled(data) else [],
    }


def _trained_here(data: DataSet, size: list[int]) -> dict[str, Any]:
    classes = list(data.train.classes) if _labelled(data) else []
    what = "a classifier of" if classes else "a network that tells turned from upright images in"
    height, width = shrunk_size(size[0], size[1], SIDE)
    shrunk = f", shrunk to {width}x{height} pixels" if [height, width] != size[:2] else ""
    network = {
        "kind": "resnet",
        "size": [height, width, size[2]],
        "classes": len(classes) or len(_turns(data.train)),
        "width": WIDTH,
    }
    return {
        "network": network,
        "features": judge_network({"network": network}).head.in_features,
        "classes": classes,
        "of": f"{what} the training split{shrunk}",
    }


def _published(weights: str) -> dict[str, Any]:
    from handloom.metrics.pretrained_features import FEATURES, NAME, head_of

    classes = head_of(read_weights(Path(weights), "--judge"), weights)
    return {
        "network": {"kind": NAME, "classes": classes, "weights": weights},
        "features": FEATURES,
        "classes": [],
        "of": f"a published {NAME}",
    }


def judge_network(record: dict[str, Any]) -> Any:
    """The network of a judge's record, its weights still to come; it has `features` and `head`.

    Leaves the global generators as they were.
    """
    sizes = dict(record["network"])
    with torch.random.fork_rng(devices=[]):
        if sizes.pop("kind") != "resnet":
            from handloom.metrics.pretrained_features import Published

            return Published(sizes["classes"])
        size = tuple(sizes.pop("size"))
        return channels_last(Shrunk(ResNet(size, **sizes), size[:2]))


def trained(
    record: dict[str, Any], data: DataSet, device: torch.device
) -> tuple[nn.Module, float | None]:
    """The network with its weights, in evaluation mode, and its accuracy in [0, 1] on the real
    images where they are labelled and were not trained on.

    Same data, same weights: the generators are its own, the global ones are put back.
    """
    if record["network"]["kind"] != "resnet":
        from handloom.metrics.pretrained_features import published

        path = record["network"]["weights"]
        return published(read_weights(Path(path), "--judge"), path).to(device).eval(), None
    with _own_generators(device):
        network = judge_network(record).to(device)
        fields = _labelled_fields(data) if record["classes"] else _turned_fields(data.train)
        experiment = _experiment(network, fields, record["network"]["size"], device)
        fit(experiment)
    split, real = reference_split(data)
    accuracy = None
    if record["classes"] and split != "train":
        assert real.label is not None
        held_out = InMemoryLoader(
            {"image": real.image, "label": real.label}, 500, device, shuffle=False
        )
        accuracy = evaluate(experiment.objective, held_out, Precision(device, None))["accuracy"]
    return network.eval(), accuracy


def reference_split(data: DataSet) -> tuple[str, Images]:
    """The real images that generated ones are compared with while training: what it leaves out,
    else the test split, else what it is trained on."""
    parts = (("valid", data.valid), ("test", data.test))
    for name, images in parts:
        if images is not None and len(images) > 1:
            return name, images
    return "train", data.train


def unseen_split(data: DataSet) -> Images | None:
    """The test split, where other images tell which epoch to keep: for a last judgement."""
    is_watched = reference_split(data)[0] == "test"
    return None if data.test is None or is_watched or len(data.test) < 2 else data.test


def _shares(images: Images, classes: int) -> list[float]:
    """Of every class, its share of the images."""
    assert images.label is not None
    counts = torch.bincount(images.label, minlength=classes).double()
    return [round(share, 6) for share in (counts / counts.sum()).tolist()]


def _labelled(data: DataSet) -> bool:
    return data.train.label is not None and len(data.train.classes) > 1


def _labelled_fields(data: DataSet) -> dict[str, Tensor]:
    assert data.train.label is not None
    return {"image": data.train.image, "label": data.train.label}


def _turned_fields(images: Images) -> dict[str, Tensor]:
    """Every image in all its turns, labelled by them (Gidaris et al. 2018, arXiv:1803.07728)."""
    height, width = images.size
    most = max(1, TURNED // (height * width * images.channels))
    image = images.image[:: -(-len(images) // most)]  # (N, H, W, C)
    turns = _turns(images)
    label = torch.arange(len(turns)).repeat_interleave(len(image))
    return {"image": torch.cat([image.rot90(k, (1, 2)) for k in turns]), "label": label}


def _turns(images: Images) -> tuple[int, ...]:
    """Quarters of a whole turn; an oblong image fits its place only upright or upside down."""
    height, width = images.size
    return (0, 1, 2, 3) if height == width else (0, 2)


def _experiment(
    network: nn.Module, fields: dict[str, Tensor], size: list[int], device: torch.device
) -> Experiment:
    """A bounded number of steps of the classifier's own training, without augmentation."""
    seen = max(LEAST, min(MOST, PIXELS // (size[0] * size[1])))
    source = InMemoryLoader(fields, BATCH, device, seed=SEED)
    objective = Classification(network)
    optimizer = SGD(list(network.parameters()), LR, 0.9, True, 5e-4, no_decay_on_1d=True)
    return Experiment(
        objective=objective,
        train=source,
        optimizers={"network": optimizer},
        epochs=max(1, round(seen / source.examples)),
        networks={"network": network},
        precision=Precision.resolve(device),
        scheduled=scheduled_lr(optimizer, one_cycle()),
    )


@contextmanager
def _own_generators(device: torch.device) -> Iterator[None]:
    """Global generators seeded for the judge within, and put back where they were."""
    cuda = [device] if device.type == "cuda" else []
    metal = torch.mps.get_rng_state() if device.type == "mps" else None
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(SEED)
        yield
    if metal is not None:
        torch.mps.set_rng_state(metal)
