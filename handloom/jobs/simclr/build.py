"""SimCLR: the images, the network with its projection head, the views, one stage."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from handloom.errors import UserError
from handloom.jobs.images.data import load_images
from handloom.jobs.images.records import image_set_record
from handloom.jobs.options import broken, fill
from handloom.jobs.simclr.config import Config, Resolved
from handloom.jobs.simclr.defaults import SCRATCH, TUTORIAL, VALIDATION, chosen, width_for
from handloom.jobs.training.stage import Built, single
from handloom.wording import nearest, pluralize

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet
    from handloom.data.io.progress import ReportProgress
    from handloom.encoders import Encoder
    from handloom.engine.loop import Experiment
    from handloom.jobs.images.records import LentRecord
    from handloom.jobs.simclr.records import ProjectedEncoder, ProjectedScratch, Record, ResNetKind
    from handloom.objectives.simclr import Contrast
    from handloom.runs.records import Options

LEAST = 32  # images


def load(config: Config, data: str, report: ReportProgress) -> DataSet:
    """Read the images, and labels where there are any, which only `--labels` trains with."""
    from handloom.data.images.listing.folder import NoLabels

    _check(config)
    shape = None
    if is_pretrained(config.network):
        from handloom.encoders import preprocessing

        shape = preprocessing(config.network)
    if config.preset:
        config = replace(config, size=config.size or TUTORIAL["size"])
    share = VALIDATION if config.validation is None else config.validation
    needed = True if config.labels else None
    try:
        images = load_images(config, data, report, share, needed, shape)
    except NoLabels as error:
        raise UserError(f"--labels: {error}") from None
    if len(images.train) < LEAST:
        raise UserError(
            f"{data} has {pluralize(len(images.train), 'image')} for training: give at least "
            f"{LEAST}; a few hundred give usable results, a few thousand good ones"
        )
    if config.labels and len(images.train.classes) < 2:
        raise UserError(
            f"--labels: all images of {data} are of class '{images.train.classes[0]}', and nothing "
            "tells classes apart: leave --labels out"
        )
    return images


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose what was left open, for the device, the network and the size of the data."""
    from handloom.engine.precision import pick_device

    is_cpu = pick_device(config.device).type == "cpu"
    known = chosen(config, data.train, is_cpu, is_pretrained(config.network))
    if config.network == "auto":
        config = replace(config, network=known["network"])
    known["width"] = width_for(config.network, data.train)
    height, width = data.preprocessing["size"]
    known["size"] = height if height == width and not is_pretrained(config.network) else None
    return fill(Resolved, config, known)


def build(config: Resolved, data: DataSet, device: torch.device) -> Built:
    """Network, objective, loaders and optimizer of a resolved config."""
    from handloom.engine.precision import Precision, channels_last
    from handloom.jobs.simclr.duration import duration_note
    from handloom.jobs.simclr.views import views_of
    from handloom.jobs.simclr.views_sample import ViewsSample
    from handloom.objectives.simclr import SimCLR

    encoder = _encoder(config, device)
    record: Record = {"network": _sizes(config, data, encoder), **image_set_record(data)}
    model = networks(record)["network"]
    if encoder is not None:
        model.get_submodule("backbone").load_state_dict(encoder.network.state_dict())
    channels_last(model).to(device)
    objective = SimCLR(
        model,
        views_of(vars(config), data.train.size, data.train.channels),
        contrast(config),
        config.labels,
    )
    precision = Precision.resolve(device, config.precision)
    trained = _experiment(config, data, objective.to(device), precision)
    notes = [*data.notes, *broken(data), *_notes(config, data, encoder)]
    notes += duration_note(trained, config.size)
    return Built(
        single(trained, [lambda directory: ViewsSample(directory, data.train)]), record, notes
    )


def networks(record: Record) -> dict[str, nn.Module]:
    """The network of a finished run, its projection as its head, from its config.json."""
    from handloom.encoders import backbone
    from handloom.models.image.resnet import ResNet
    from handloom.models.image.resnet18 import ResNet18
    from handloom.models.image.transferred import Transferred
    from handloom.models.layers.projection import Projection

    sizes = record["network"]
    model: nn.Module
    if sizes["kind"] == "transferred":
        model = Transferred(backbone(sizes), sizes["width"], 1)
        features = sizes["width"]
    else:
        height, width, channels = sizes["size"]
        made: ResNet | ResNet18 = {"resnet": ResNet, "resnet18": ResNet18}[sizes["kind"]](
            (height, width, channels),
            classes=1,
            width=sizes["width"],
            mean=sizes["mean"],
            std=sizes["std"],
        )
        model, features = made, made.head.in_features
    model.add_module("head", Projection(features, features, sizes["projection"]))
    return {"network": model}


def follow(record: LentRecord, path: Path) -> Options:
    """The network of a classifier, for a training that begins with its weights."""
    sizes = record["network"]
    if sizes["kind"] == "transferred":
        return {"network": sizes["encoder"]}
    if sizes["kind"] not in SCRATCH:
        raise UserError(
            f"--from {path}: its network is {sizes['kind']}, and simclr has "
            f"{', '.join(SCRATCH)} and pretrained ones: give a run of one of these"
        )
    return {"network": sizes["kind"], "width": sizes["width"], "size": sizes["size"][0]}


def contrast(config: Resolved) -> Contrast:
    """The loss over embeddings, by the options."""
    from handloom.objectives.contrastive import (
        nt_xent,
        pairwise_contrastive,
        semi_hard_triplet,
        supervised_contrastive,
    )

    if config.loss == "nt-xent":
        assert config.temperature is not None
        loss = supervised_contrastive if config.labels else nt_xent
        return partial(loss, temperature=config.temperature)
    assert config.margin is not None
    losses = {"pairwise": pairwise_contrastive, "triplet": semi_hard_triplet}
    return partial(losses[config.loss], margin=config.margin)


def is_pretrained(network: str) -> bool:
    """Whether a network's name is that of an encoder, such as timm:NAME."""
    return ":" in network


def _encoder(config: Resolved, device: torch.device) -> Encoder | None:
    """The published network that learns on; None where weights begin at random."""
    if not is_pretrained(config.network):
        return None
    from handloom.encoders import find

    weights = None if config.weights is None else Path(config.weights).expanduser()
    return find(config.network, weights, device, config.precision)


def _sizes(
    config: Resolved, data: DataSet, encoder: Encoder | None
) -> ProjectedScratch | ProjectedEncoder:
    """Everything the network's constructor takes, its kind and its projection."""
    from handloom.encoders import sizes
    from handloom.metrics.moments import pixel_moments

    if encoder is not None:
        known = sizes(encoder)
        return {"projection": config.projection, "kind": "transferred", **known}
    mean, std = pixel_moments(data.train.image, data.train.label)
    size = [*data.train.size, data.train.channels]
    assert config.width is not None  # of a network from scratch
    return {
        "projection": config.projection,
        "kind": cast("ResNetKind", config.network),
        "size": size,
        "width": config.width,
        "mean": mean,
        "std": std,
    }


def _experiment(config: Resolved, data: DataSet, objective: Any, precision: Any) -> Experiment:
    """Everything `fit` needs; the last epoch is kept, since labels must not choose one."""
    from handloom.data.loaders import InMemoryLoader
    from handloom.engine.cuda_graph import is_recorded
    from handloom.engine.loop import Experiment
    from handloom.engine.optim import SGD, Adam, Optimizer
    from handloom.engine.schedule import make, scheduled_lr
    from handloom.jobs.simclr.sample import sample_loader

    parameters, decay = list(objective.network.parameters()), config.weight_decay
    optimizer: Optimizer
    if config.optimizer == "adamw":
        optimizer = Adam(parameters, config.lr, weight_decay=decay, decoupled=True)
    else:
        nesterov = config.momentum > 0
        optimizer = SGD(parameters, config.lr, config.momentum, nesterov, decay, True)
    fields = {"image": data.train.image}
    if config.labels:
        assert data.train.label is not None
        fields["label"] = data.train.label
    split = data.watched
    return Experiment(
        objective=objective,
        train=InMemoryLoader(fields, config.batch, precision.device, seed=config.seed),
        optimizers={"network": optimizer},
        epochs=config.epochs,
        networks={"network": objective.network},
        precision=precision,
        evaluations={split: sample_loader(data, split, precision.device)} if split else {},
        evaluate_every=max(1, config.epochs // 20),
        scheduled=scheduled_lr(optimizer, make(config.schedule, until=0.1)),
        clip=config.clip,
        grad_accum_steps=config.grad_accum_steps,
        cuda_graph=is_recorded(config.cuda_graph, precision.device),
    )


def _notes(config: Resolved, data: DataSet, encoder: Encoder | None) -> list[str]:
    """Sentences on what is learned from."""
    notes = []
    if encoder is not None:
        notes.append(f"{encoder.spec}, pretrained ({encoder.weights}), learns on")
    if data.train.label is not None and not config.labels:
        notes.append("labels are not learned from; they only measure what was learned")
    if config.grad_accum_steps > 1:
        notes.append(
            f"--grad-accum-steps {config.grad_accum_steps}: images are compared within a "
            "micro-batch alone"
        )
    return notes


def _check(config: Config) -> None:
    """Raises UserError for options that do not go together."""
    network, loss = config.network, config.loss
    if network not in (*SCRATCH, "auto") and not is_pretrained(network):
        near = nearest(network, SCRATCH)
        hint = f"did you mean '{near}'?" if near else "give auto, resnet, resnet18 or timm:NAME"
        raise UserError(f"there is no network '{network}': {hint}")
    if config.weights is not None and not is_pretrained(network):
        raise UserError(f"--weights {config.weights}: give --network timm:NAME with it")
    if config.width is not None and config.width % 8:
        raise UserError(f"--width {config.width}: give a multiple of 8")
    if is_pretrained(network) and config.size is not None:
        raise UserError(
            f"--size {config.size}: {network} has a size of its own; leave --size out, or choose "
            "a network of that size"
        )
    if loss == "nt-xent" and config.margin is not None:
        raise UserError(f"--margin {config.margin:g}: nt-xent has no margin; give --temperature")
    if loss != "nt-xent" and config.temperature is not None:
        raise UserError(
            f"--temperature {config.temperature:g}: {loss} has a margin instead; give --margin"
        )
    if config.preset and (
        loss != "nt-xent" or config.labels or network not in ("auto", "resnet18")
    ):
        raise UserError(
            "--preset tutorial is a ResNet-18 and NT-Xent without labels: leave --network, --loss "
            "and --labels out, or --preset"
        )
