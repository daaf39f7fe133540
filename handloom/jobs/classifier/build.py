"""Image classifier: a folder of classes, a table or a named set becomes a network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.classification import imbalance
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.defaults import OTHER, TUTORIAL, lr_for, searched, tutorial
from handloom.jobs.image_data import load_images
from handloom.jobs.options import broken
from handloom.jobs.stage import Built, single

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet, Images, Report
    from handloom.engine.optim import Optimizer
    from handloom.objectives.classification import Classification


def load(config: Config, data: str, report: Report) -> DataSet:
    """Read the images; the tutorials take the first 80 % for training, in order."""
    if config.preset and config.network not in TUTORIAL:
        raise UserError(
            f"there is no tutorial for {config.network}: choose --network "
            f"{', '.join(TUTORIAL)}, or leave --preset out"
        )
    data_set = load_images(config, data, report, 0.0 if config.preset else config.validation)
    if config.preset and config.network != "lenet":
        import torch

        cut = int(0.8 * len(data_set.train))
        rows = torch.arange(len(data_set.train))
        data_set = replace(
            data_set,
            train=data_set.train.subset(rows[:cut]),
            valid=data_set.train.subset(rows[cut:]),
        )
    return data_set


def resolve(config: Config, data: DataSet) -> Config:
    """Choose what was left open, for the network and the size of the data."""
    chosen = tutorial(config.network) if config.preset else searched(config.network, data.train)
    if config.optimizer not in (None, chosen["optimizer"]):
        chosen = chosen | OTHER[config.optimizer]
    if not config.preset:
        epochs, batch = config.epochs or chosen["epochs"], config.batch or chosen["batch"]
        chosen["lr"] = lr_for(chosen["lr"], epochs, -(-len(data.train) // batch))
    height, width = data.preprocessing["size"]
    return replace(
        config,
        size=height if height == width else config.size,
        **{name: value for name, value in chosen.items() if vars(config)[name] is None},
    )


def build(config: Any, data: DataSet, device: torch.device) -> Built:
    """Network, objective, sources, optimizer; in `config` nothing is left open."""
    import torch

    from handloom.engine.loop import Experiment
    from handloom.engine.precision import Precision, channels_last
    from handloom.engine.schedule import make, scheduled_lr

    record: dict[str, Any] = {
        "network": _sizes(config, data),
        "classes": list(data.train.classes),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in data.splits.items()},
    }
    network = channels_last(networks(record)["network"]).to(device)
    objective = _objective(config, network, data.train).to(device)
    optimizer = _optimizer(config, objective.network)
    source = _source(data.train, config.batch, device, config.seed)
    split = "valid" if data.valid is not None else "test" if data.test is not None else None
    is_balanced = config.class_weights == "balanced"
    monitor = "valid/macro_f1" if is_balanced else "valid/accuracy"
    experiment = Experiment(
        objective=objective,
        train=source,
        optimizers={"network": optimizer},
        epochs=config.epochs,
        networks={"network": objective.eval_model},
        precision=Precision.resolve(device, config.precision),
        evaluations={split: _source(data.splits[split], 512, device)} if split else {},
        monitor=monitor if split == "valid" else None,
        scheduled=scheduled_lr(optimizer, make(config.schedule)),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=config.cuda_graph,
    )
    example = torch.zeros(1, *record["network"]["size"], device=device).permute(0, 3, 1, 2)
    assert data.train.label is not None
    unequal = imbalance(data.train.label, data.train.classes, "images", is_balanced)
    return Built(single(experiment), record, [*data.notes, *broken(data), *unequal], example)


def networks(record: dict[str, Any]) -> dict[str, nn.Module]:
    """The network of a finished run, from its config.json."""
    from handloom.models.image.cnn import CNN
    from handloom.models.image.lenet import LeNet
    from handloom.models.image.mlp import MLP
    from handloom.models.image.resnet import ResNet

    kinds = {"resnet": ResNet, "cnn": CNN, "lenet": LeNet, "mlp": MLP}
    sizes = dict(record["network"])
    kind = kinds[sizes.pop("kind")]
    return {"network": kind(tuple(sizes.pop("size")), **sizes)}


def _sizes(config: Config, data: DataSet) -> dict[str, Any]:
    """Everything the network's constructor takes, and its kind."""
    sizes: dict[str, Any] = {
        "kind": config.network,
        "size": [*data.train.size, data.train.channels],
        "classes": len(data.train.classes),
    }
    if config.preset:
        middle = 0.0 if config.network == "lenet" else 0.5
        return sizes | {"mean": [middle], "std": [0.5 if middle else 1.0]}
    if config.network == "resnet":
        wide = len(data.train) >= 10_000 and data.train.channels == 3
        sizes |= {"width": 64 if wide else 32, "hflip_tta": bool(config.hflip)}
    mean, std = _moments(data.train)
    return sizes | {"mean": mean, "std": std}


def _moments(images: Images, most: int = 10_000) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of every channel, in [0, 1], over at most so many images."""
    import torch

    pixels = images.image[:: max(1, len(images) // most)].flatten(0, 2)
    counts = torch.stack([torch.bincount(channel, minlength=256) for channel in pixels.T]).double()
    level = torch.arange(256) / 255
    mean = (counts * level).sum(1) / counts.sum(1)
    std = ((counts * level**2).sum(1) / counts.sum(1) - mean**2).clamp(min=1e-6).sqrt()
    return [round(v, 4) for v in mean.tolist()], [round(max(v, 0.01), 4) for v in std.tolist()]


def _objective(config: Any, network: nn.Module, train: Images) -> Classification:
    from handloom.metrics.classification import balanced_weights
    from handloom.models.layers.augment import Augment
    from handloom.objectives.classification import Classification

    changes = (config.translate, config.hflip, config.rotate, config.scale, config.cutout)
    # What comes in from outside: black around a digit, the mirrored edge of a photo.
    augment = Augment(*changes, "zeros" if train.channels == 1 else "reflect")
    assert train.label is not None
    is_balanced = config.class_weights == "balanced"
    return Classification(
        network,
        augment if any(changes) else None,
        config.label_smoothing,
        config.ema_decay or None,
        balanced_weights(train.label, len(train.classes)) if is_balanced else None,
    )


def _optimizer(config: Any, network: nn.Module) -> Optimizer:
    from handloom.engine.optim import SGD, Adam

    parameters = list(network.parameters())
    if config.optimizer == "sgd":
        momentum = config.momentum
        return SGD(
            parameters,
            config.lr,
            momentum,
            momentum > 0,
            config.weight_decay,
            no_decay_on_1d=not config.preset,
        )
    return Adam(parameters, config.lr, weight_decay=config.weight_decay, decoupled=True)


def _source(images: Images, batch: int, device: torch.device, seed: int | None = None) -> Any:
    """Shuffled by `seed` for training; in order, to the last image, without one."""
    from handloom.data.loaders import InMemoryLoader

    assert images.label is not None
    fields = {"image": images.image, "label": images.label}
    return InMemoryLoader(fields, batch, device, shuffle=seed is not None, seed=seed or 0)
