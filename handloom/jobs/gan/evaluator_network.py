"""The feature network of an evaluator: a classifier of classes or rotations, or pretrained."""

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
    from handloom.jobs.gan.records import (
        EvaluatorRecord,
        FeatureNetwork,
        FeatureNetworkSizes,
        RealImages,
    )

WIDTH = 16
SIDE = 64  # pixels: larger images are shrunk, since training would take minutes
PIXELS = 48_000_000  # of training, over all epochs: 60,000 images of 28x28
LEAST, MOST = 16_000, 60_000  # images of training, over all epochs, of any size
ROTATED = 32 << 20  # bytes of images that are kept in all rotations
LR, BATCH = 0.2, 64
THUMBNAIL = 16  # pixels: side of the thumbnails that are searched for copies, too
SPLITS = {"train": "training", "valid": "validation", "test": "test"}
SEED = 0  # fixed, so that runs with any seed on the same data have the same evaluator


def evaluator_record(weights: str | None, data: DataSet, most: int) -> EvaluatorRecord:
    """The part of config.json on the evaluator: sizes of its network, and numbers of images.

    weights: path of the weights of a pretrained network, or None for one trained on the data: a
    classifier where there are two classes or more, otherwise one that predicts rotations.
    """
    size = [*data.train.size, data.train.channels]
    unseen = unseen_split(data)
    network = _pretrained(weights) if weights is not None else _trained_here(data, size)
    return {
        "size": size,
        **_real(data, *reference_split(data), most),
        "unseen": None if unseen is None else _real(data, "test", unseen, most),
        "training": min(most, len(data.train)),
        "trained": len(data.train),
        **network,
    }


def reference_name(split: str) -> str:
    """A split of the run's own data, in words."""
    return f"the {SPLITS[split]} split"


def _real(data: DataSet, split: str, images: Images, most: int) -> RealImages:
    """The part of the record on the real images."""
    return {
        "reference": reference_name(split),
        "real": min(most, len(images)),
        "shares": _shares(images, len(data.train.classes)) if _labelled(data) else [],
    }


def _trained_here(data: DataSet, size: list[int]) -> FeatureNetwork:
    classes = list(data.train.classes) if _labelled(data) else []
    kind = "a classifier of" if classes else "a classifier of rotations of"
    height, width = shrunk_size(size[0], size[1], SIDE)
    shrunk = f", shrunk to {width}x{height} pixels" if [height, width] != size[:2] else ""
    network: FeatureNetworkSizes = {
        "kind": "resnet",
        "size": [height, width, size[2]],
        "classes": len(classes) or len(_rotations(data.train)),
        "width": WIDTH,
    }
    return {
        "network": network,
        "features": feature_network(network).head.in_features,
        "classes": classes,
        "of": f"{kind} the training split{shrunk}",
    }


def _pretrained(weights: str) -> FeatureNetwork:
    from handloom.metrics.pretrained_features import FEATURES, NAME, head_size

    classes = head_size(read_weights(Path(weights), "--evaluator"), weights)
    return {
        "network": {"kind": NAME, "classes": classes, "weights": weights},
        "features": FEATURES,
        "classes": [],
        "of": f"a pretrained {NAME}",
    }


def feature_network(sizes: FeatureNetworkSizes) -> Any:
    """The untrained network of an evaluator; it has `features` and `head`.

    The global generators are left as they were.
    """
    with torch.random.fork_rng(devices=[]):
        if sizes["kind"] != "resnet":
            from handloom.metrics.pretrained_features import PretrainedFeatures

            return PretrainedFeatures(sizes["classes"])
        height, width, channels = sizes["size"]
        network = ResNet((height, width, channels), sizes["classes"], sizes["width"])
        return channels_last(Shrunk(network, (height, width)))


def trained(
    record: EvaluatorRecord, data: DataSet, device: torch.device
) -> tuple[nn.Module, float | None]:
    """The network with its weights, in eval mode, and its accuracy in [0, 1] on the real images, or
    None where those have no labels or were trained on.

    The same data give the same weights, and the global generators are left as they were.
    """
    if record["network"]["kind"] != "resnet":
        from handloom.metrics.pretrained_features import with_weights

        path = record["network"]["weights"]
        return with_weights(read_weights(Path(path), "--evaluator"), path).to(device).eval(), None
    with _seeded(device):
        network = feature_network(record["network"]).to(device)
        fields = _labelled_fields(data) if record["classes"] else _rotated_fields(data.train)
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
    """The real images that generated ones are compared with during training: the validation split,
    else the test split, else the training split."""
    candidates = (("valid", data.valid), ("test", data.test))
    for name, images in candidates:
        if images is not None and len(images) > 1:
            return name, images
    return "train", data.train


def unseen_split(data: DataSet) -> Images | None:
    """The test split for the final evaluation, if other images choose the best epoch; else None."""
    chooses = reference_split(data)[0] == "test"
    return None if data.test is None or chooses or len(data.test) < 2 else data.test


def _shares(images: Images, classes: int) -> list[float]:
    """The share of every class among the images."""
    assert images.label is not None
    counts = torch.bincount(images.label, minlength=classes).double()
    return [round(share, 6) for share in (counts / counts.sum()).tolist()]


def _labelled(data: DataSet) -> bool:
    return data.train.label is not None and len(data.train.classes) > 1


def _labelled_fields(data: DataSet) -> dict[str, Tensor]:
    assert data.train.label is not None
    return {"image": data.train.image, "label": data.train.label}


def _rotated_fields(images: Images) -> dict[str, Tensor]:
    """Every image in all rotations, labelled by them (Gidaris et al. 2018, arXiv:1803.07728)."""
    height, width = images.size
    most = max(1, ROTATED // (height * width * images.channels))
    image = images.sample(most).image  # (N, H, W, C)
    rotations = _rotations(images)
    label = torch.arange(len(rotations)).repeat_interleave(len(image))
    return {"image": torch.cat([image.rot90(k, (1, 2)) for k in rotations]), "label": label}


def _rotations(images: Images) -> tuple[int, ...]:
    """Rotations in quarter turns; an oblong image keeps its shape only in two of them."""
    height, width = images.size
    return (0, 1, 2, 3) if height == width else (0, 2)


def _experiment(
    network: nn.Module, fields: dict[str, Tensor], size: list[int], device: torch.device
) -> Experiment:
    """The training of a classifier, with a bounded number of images and no augmentation."""
    images = max(LEAST, min(MOST, PIXELS // (size[0] * size[1])))
    source = InMemoryLoader(fields, BATCH, device, seed=SEED)
    objective = Classification(network)
    optimizer = SGD(list(network.parameters()), LR, 0.9, True, 5e-4, no_decay_on_1d=True)
    return Experiment(
        objective=objective,
        train=source,
        optimizers={"network": optimizer},
        epochs=max(1, round(images / source.examples)),
        networks={"network": network},
        precision=Precision.resolve(device),
        scheduled=scheduled_lr(optimizer, one_cycle()),
    )


@contextmanager
def _seeded(device: torch.device) -> Iterator[None]:
    """A context in which the global generators start from SEED; they are restored afterwards."""
    cuda = [device] if device.type == "cuda" else []
    metal = torch.mps.get_rng_state() if device.type == "mps" else None
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(SEED)
        yield
    if metal is not None:
        torch.mps.set_rng_state(metal)


def thumbnail(image: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, P): resized to sides of at most THUMBNAIL pixels, flattened."""
    height, width = (min(side, THUMBNAIL) for side in image.shape[2:])
    return nn.functional.adaptive_avg_pool2d(image, (height, width)).flatten(1)


def check_shapes(record: EvaluatorRecord, tensors: dict[str, Tensor]) -> None:
    """Raises ValueError where a tensor of an evaluator does not have the shape of its record."""
    real, training, features = record["real"], record["training"], record["features"]
    height, width, channels = record["size"]
    small = min(height, THUMBNAIL) * min(width, THUMBNAIL) * channels
    expected = {
        "real": (real, features),
        "training": (training, features),
        "thumbnails": (training, small),
        "own": (2, training),
    }
    unseen = record.get("unseen")
    if unseen is not None:
        expected["unseen"] = (unseen["real"], features)
    for name, shape in expected.items():
        if tensors[name].shape != shape:
            raise ValueError(f"{name} has the shape {tuple(tensors[name].shape)}, not {shape}")
