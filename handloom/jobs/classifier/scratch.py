"""A classifier trained from scratch: a small network, augmentation, one stage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from handloom.jobs.classifier.config import Config, Resolved
from handloom.jobs.classifier.defaults import (
    OTHER,
    is_many_in_colour,
    is_scaled,
    lr_for,
    searched,
    tutorial,
)
from handloom.jobs.classifier.experiment import (
    data_notes,
    data_record,
    experiment,
    monitor,
    objective,
    showing,
)
from handloom.jobs.classifier.mirror import FACT
from handloom.jobs.options import fill
from handloom.jobs.training.stage import Built, single
from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet
    from handloom.jobs.classifier.records import Record, ScratchKind, ScratchSizes


def first_80_percent(images: DataSet) -> DataSet:
    """Trained on the first 80 % in order, validated on the rest, as the tutorials do."""
    from handloom.division.hold_out import first_rows

    count = len(images.train)
    first, others = first_rows(count, int(0.8 * count), images.train.label)
    return replace(images, train=images.train.subset(first), valid=images.train.subset(others))


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose what was left open, for the network and the size of the data."""
    chosen = tutorial(config.network) if config.preset else _searched(config, data)
    if config.optimizer not in (None, chosen["optimizer"]):
        chosen = chosen | OTHER[config.optimizer]
    if not config.preset:
        epochs, batch = config.epochs or chosen["epochs"], config.batch or chosen["batch"]
        chosen["lr"] = lr_for(chosen["lr"], epochs, -(-len(data.train) // batch))
    height, width = data.preprocessing["size"]
    size = height if height == width else config.size
    return fill(Resolved, replace(config, size=size), chosen)


def _searched(config: Config, data: DataSet) -> Options:
    from handloom.engine.precision import pick_device

    is_on_card = pick_device(config.device).type == "cuda"
    keep_class = data.facts.get(FACT, {}).get("keep_class")
    return searched(config.network, data.train, keep_class, is_on_card)


def build(config: Resolved, data: DataSet, device: torch.device) -> Built:
    """A network with weights at random, trained in one stage."""
    import torch

    from handloom.engine.precision import Precision, channels_last

    sizes = _sizes(config, data)
    record: Record = {"network": sizes, **data_record(data)}
    model = channels_last(network(sizes))
    trained = experiment(
        config,
        data,
        objective(config, model, data.train),
        list(model.parameters()),
        Precision.resolve(device, config.precision),
        monitor(config, data),
    )
    example = torch.zeros(1, *sizes["size"], device=device).permute(0, 3, 1, 2)
    return Built(single(trained, showing(data.train)), record, data_notes(config, data), example)


def network(sizes: ScratchSizes) -> nn.Module:
    """The network of a finished run, from its sizes in config.json."""
    from handloom.models.image.cnn import CNN
    from handloom.models.image.lenet import LeNet
    from handloom.models.image.mlp import MLP
    from handloom.models.image.resnet import ResNet
    from handloom.models.image.resnet18 import ResNet18

    kinds = {"resnet": ResNet, "resnet18": ResNet18, "cnn": CNN, "lenet": LeNet, "mlp": MLP}
    rest = {name: value for name, value in sizes.items() if name not in ("kind", "size")}
    made: nn.Module = kinds[sizes["kind"]](tuple(sizes["size"]), **rest)
    return made


def _sizes(config: Resolved, data: DataSet) -> ScratchSizes:
    """Everything the network's constructor takes, and its kind."""
    from handloom.metrics.moments import pixel_moments

    sizes: ScratchSizes = {
        "kind": cast("ScratchKind", config.network),
        "size": [*data.train.size, data.train.channels],
        "classes": len(data.train.classes),
    }
    if config.preset:
        middle = 0.0 if config.network == "lenet" else 0.5
        return sizes | {"mean": [middle], "std": [0.5 if middle else 1.0]}
    if config.network == "resnet":
        assert config.width is not None  # resolved
        sizes |= {"width": config.width, "hflip_tta": bool(config.hflip)}
        if is_scaled(data.train, config.hflip):
            sizes |= {"logit_scale": 0.125, "shift_tta": 1}
        elif is_many_in_colour(data.train):
            sizes["logit_scale"] = 0.125
        if config.norm_first:
            sizes["norm_first"] = True
    if config.network == "resnet18":
        assert config.width is not None
        sizes["width"] = config.width
    mean, std = pixel_moments(data.train.image, data.train.label)
    return sizes | {"mean": mean, "std": std}
