"""A classifier on a pretrained encoder: a head on features computed once, then fine-tuning.

The head first, since a head at random destroys what the encoder knows (Kumar et al. 2022,
arXiv:2202.10054).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handloom.jobs.classifier.augmentation import augmentation
from handloom.jobs.classifier.config import Config, Resolved
from handloom.jobs.classifier.defaults import tuned, weights_of
from handloom.jobs.image_data import load_images
from handloom.jobs.options import broken, fill
from handloom.jobs.stage import Built, Stage

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet, Images, Report
    from handloom.data.loaders import InMemoryLoader
    from handloom.encoders import Encoder
    from handloom.engine.loop import Experiment
    from handloom.engine.optim import ParameterGroup
    from handloom.models.image.transferred import Transferred
    from handloom.objectives.classification import Classification

CHOSEN_BY_FOLDS = 2_000  # training images, below which validation images choose nothing
STRENGTH = 0.03


def load(config: Config, data: str, report: Report) -> DataSet:
    """Read the images as the encoder takes them."""
    from handloom.encoders import preprocessing

    if config.size is not None:
        from handloom.errors import UserError

        raise UserError(
            f"--size {config.size}: {config.network} has a size of its own; leave --size out, or "
            "choose an encoder of that size"
        )
    shape = preprocessing(config.network)
    return load_images(config, data, report, config.validation, preprocessing=shape)


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose what was left open, for the size of the encoder's images."""
    chosen = tuned(data.preprocessing["size"][0], len(data.train))
    if config.optimizer == "sgd":
        chosen |= dict(lr=0.01, weight_decay=0.0)
    tune = config.tune or "head"
    chosen |= {"tune": tune, "strength": STRENGTH}
    if tune == "head":
        config = replace(config, epochs=1)
    return fill(Resolved, replace(config, tune=tune), chosen)


def network(sizes: dict[str, Any]) -> nn.Module:
    """The network of a finished run, from its sizes in config.json."""
    from handloom.encoders import backbone
    from handloom.models.image.transferred import Transferred

    return Transferred(backbone(sizes), sizes["width"], sizes["classes"], sizes["hflip_tta"])


def build(config: Resolved, data: DataSet, device: torch.device) -> Built:
    """The head as a stage that is solved; under `--tune all`, fine-tuning as a second one."""
    from handloom.encoders import find, sizes
    from handloom.jobs.classification import imbalance
    from handloom.models.image.transferred import Transferred

    encoder = find(config.network, weights_of(config), device, config.precision)
    classes = data.train.classes
    is_mirrored = config.tune == "all" and config.hflip
    model = Transferred(encoder.network, encoder.width, len(classes), is_mirrored).to(device)
    known = {"kind": "transferred", **sizes(encoder), "classes": len(classes)}
    record: dict[str, Any] = {
        "network": known | {"hflip_tta": is_mirrored},
        "encoder": {
            "name": encoder.spec, "fingerprint": encoder.fingerprint, "weights": encoder.weights
        },
        "classes": list(classes),
        "preprocessing": data.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in data.splits.items()},
    }  # fmt: skip
    head = _head_stage(config, data, encoder, model)
    stages = [head]
    if config.tune == "all":
        stages.append(
            Stage(
                "tune",
                config.epochs,
                lambda previous: _tuning(config, data, model, encoder),
                remedy="a smaller --lr or --clip 0.5",
            )
        )
    assert data.train.label is not None
    unequal = imbalance(data.train.label, classes, "images", config.class_weights == "balanced")
    notes = [*data.notes, *broken(data), *unequal, _description(encoder, config)]
    return Built(stages, record, notes)


def features_of(images: Images, encoder: Encoder, report: Report | None = None) -> Tensor:
    """Features of decoded images, float32 (N, D) on the CPU, each computed once and kept."""
    from handloom.encoders.features import of_images

    return of_images(images.image, encoder, report)


def _description(encoder: Encoder, config: Resolved) -> str:
    after = "; then every layer is tuned" if config.tune == "all" else ""
    side = encoder.preprocessing["size"][0]
    return (
        f"{encoder.spec}, pretrained ({encoder.weights}): {encoder.width:,} features of {side}x"
        f"{side} pixels, and a linear head on them{after}"
    )


def _head_stage(config: Resolved, data: DataSet, encoder: Encoder, model: Transferred) -> Stage:
    """The head alone, on features: nothing else of the network is run."""
    import torch

    from handloom.engine.loop import Experiment
    from handloom.engine.optim import SGD
    from handloom.jobs.classifier.head import solve
    from handloom.objectives.classification import Classification

    device = encoder.precision.device

    def build(previous: Experiment | None) -> Experiment:
        split = evaluated(data)
        return Experiment(
            objective=Classification(model.head, field="features").to(device),
            train=_features(data.train, encoder, config.seed),
            optimizers={"network": SGD(list(model.head.parameters()), 0.0)},
            epochs=0,
            networks={"network": model},
            precision=encoder.precision,
            evaluations={split: _features(data.splits[split], encoder)} if split else {},
            monitor=_monitor(config, data),
        )

    def solved(experiment: Experiment) -> None:
        assert data.train.label is not None
        torch.manual_seed(config.seed)
        features = features_of(data.train, encoder)
        head = model.head.to("cpu")
        is_balanced = config.class_weights == "balanced"
        solve(head, features, data.train.label, config.strength or STRENGTH, is_balanced)
        head.to(device)

    return Stage("head", 0, build, solve=solved, remedy="--tune all")


def _features(images: Images, encoder: Encoder, seed: int | None = None) -> InMemoryLoader:
    """Batches of features and labels, shuffled by `seed`, in order without one."""
    from handloom.data.loaders import InMemoryLoader

    assert images.label is not None
    fields = {"features": features_of(images, encoder), "label": images.label}
    device = encoder.precision.device
    return InMemoryLoader(fields, 512, device, shuffle=seed is not None, seed=seed or 0)


def evaluated(data: DataSet) -> str | None:
    """The split that is evaluated while training."""
    return "valid" if data.valid is not None else "test" if data.test is not None else None


def _monitor(config: Resolved, data: DataSet) -> str | None:
    """What decides which weights are kept: validation images where they are many enough.

    On fewer the choice between head and tuning is made by folds of the training images, and the
    validation images choose nothing, so that they can be reported.
    """
    if data.valid is None or len(data.train) < CHOSEN_BY_FOLDS or config.tune == "head":
        return None
    return "valid/macro_f1" if config.class_weights == "balanced" else "valid/accuracy"


def _tuning(config: Resolved, data: DataSet, model: Transferred, encoder: Encoder) -> Experiment:
    """All layers, from the head that was solved; lower layers more slowly."""
    from handloom.engine.loop import Experiment
    from handloom.engine.optim import SGD, Adam
    from handloom.engine.schedule import make, scheduled_lr
    from handloom.jobs.classifier.scratch import source

    device = encoder.precision.device
    objective = _objective(config, data, model).to(device)
    groups = layer_groups(model, config.lr, config.layer_decay or 1.0)
    optimizer = (
        SGD(groups, config.lr, config.momentum, True, config.weight_decay, no_decay_on_1d=True)
        if config.optimizer == "sgd"
        else Adam(groups, config.lr, weight_decay=config.weight_decay, decoupled=True)
    )
    split = evaluated(data)
    return Experiment(
        objective=objective,
        train=source(data.train, config.batch, device, config.seed),
        optimizers={"network": optimizer},
        epochs=config.epochs,
        networks={"network": objective.eval_model},
        precision=encoder.precision,
        evaluations={split: source(data.splits[split], 64, device)} if split else {},
        monitor=_monitor(config, data),
        scheduled=scheduled_lr(optimizer, make(config.schedule)),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=config.cuda_graph,
    )


def _objective(config: Resolved, data: DataSet, model: Transferred) -> Classification:
    from handloom.metrics.classification import balanced_weights
    from handloom.objectives.classification import Classification

    assert data.train.label is not None
    is_balanced = config.class_weights == "balanced"
    side = min(config.tune_size or data.train.size[0], *data.train.size)
    objective = Classification(
        model,
        augmentation(config, data.train.size, (side, side), grey=data.train.channels == 1),
        config.label_smoothing,
        config.ema_decay or None,
        balanced_weights(data.train.label, len(data.train.classes)) if is_balanced else None,
        mixup=config.mixup,
    )
    objective.freeze_batch_norms(model.backbone)
    return objective


def layer_groups(model: Transferred, lr: float, lowest: float) -> list[ParameterGroup]:
    """Parameters by layer from the lowest up, the head last, each with a learning rate of its own.

    lr: of the head. lowest: share of it that the lowest layer has; those between rise by one factor
    from layer to layer, as lower layers know more that is general (Howard and Ruder 2018,
    arXiv:1801.06146, sec. 3.2).
    """
    from handloom.engine.optim import ParameterGroup

    layers: dict[str, list[nn.Parameter]] = {}
    for name, parameter in model.backbone.named_parameters():
        layers.setdefault(_layer_of(name), []).append(parameter)
    ordered = [*layers.values(), list(model.head.parameters())]
    last = len(ordered) - 1
    return [
        ParameterGroup(parameters, lr * lowest ** ((last - depth) / last))
        for depth, parameters in enumerate(ordered)
    ]


def _layer_of(name: str) -> str:
    """The layer a parameter belongs to: "body.blocks.3" of "body.blocks.3.0.conv.weight"."""
    parts = name.split(".")
    end = next((place for place, part in enumerate(parts) if part.isdigit()), 1)
    return ".".join(parts[: end + 1])
