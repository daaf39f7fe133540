"""A classifier on a pretrained encoder: a head on features computed once, then fine-tuning.

The head first, since a head at random destroys what the encoder knows (Kumar et al. 2022,
arXiv:2202.10054).
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.classifier.config import Config, Resolved
from handloom.jobs.classifier.defaults import for_tuning, weights_of
from handloom.jobs.classifier.experiment import (
    data_notes,
    data_record,
    experiment,
    monitor,
    objective,
    showing,
)
from handloom.jobs.classifier.unused import unused
from handloom.jobs.images.data import load_images
from handloom.jobs.options import fill
from handloom.jobs.training.stage import Built, Stage
from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet, Images
    from handloom.data.io.progress import ReportProgress
    from handloom.data.loaders import InMemoryLoader
    from handloom.encoders import Encoder
    from handloom.engine.loop import Experiment
    from handloom.engine.objective import Source
    from handloom.engine.optim import ParameterGroup
    from handloom.engine.precision import PrecisionName
    from handloom.jobs.classifier.records import Record, TransferredSizes
    from handloom.models.image.transferred import Transferred

CHOSEN_BY_FOLDS = 2_000  # training images, below which validation images choose nothing
STRENGTH = 0.03
# Share of the middle square that is kept. Publishers validate their networks on 0.875 of it, which
# cuts away what photos show at their edges: 0.75 points on EfficientNet-Lite0 and on MobileNetV2,
# 5 on SqueezeNet (400 photos, benchmarks/photos.py --views).
CROP = 1.0
WHOLE = 10 / 7  # pixels a side of a whole photo, to one of a crop of half its area
TEST_BATCH = 64  # 224 pixels and an encoder take more memory than small images


def load(config: Config, data: str, report: ReportProgress) -> DataSet:
    """Read the images as the encoder takes them, but for its margin.

    Where it is tuned, the training images are read as wholes too, for random crops.
    """
    from handloom.data.images.whole import with_whole
    from handloom.encoders import preprocessing

    if config.size is not None:
        raise UserError(
            f"--size {config.size}: {config.network} has a size of its own; leave --size out, or "
            "choose an encoder of that size"
        )
    shape = preprocessing(config.network) | {"crop": CROP}
    if config.tune != "all" and config.sampler == "balanced":
        raise UserError(
            "--sampler balanced: a head is solved on all images at once, and none are drawn; give "
            "--class-weights balanced, or --tune all"
        )
    images = load_images(config, data, report, config.validation, preprocessing=shape)
    if config.tune != "all" or config.crop == 1:
        return images
    return with_whole(images, round(WHOLE * _tuned_side(config, images)), report)


def _tuned_side(config: Config, data: DataSet) -> int:
    """Pixels a side of the images while the network is tuned."""
    return min(config.tune_size or data.train.size[0], *data.train.size)


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose what was left open, for the size of the encoder's images."""
    is_whole = data.train.whole is not None
    chosen = for_tuning(data.preprocessing["size"][0], len(data.train), is_whole)
    if config.optimizer == "sgd":
        chosen |= dict(lr=0.01, weight_decay=0.0)
    tune = config.tune or "head"
    chosen |= {"tune": tune, "strength": STRENGTH}
    if tune == "head":  # what it does not use is recorded as if nothing had been asked for
        defaults: Options = {field.name: field.default for field in fields(config)}
        names = unused(vars(config) | {"tune": tune})
        config = replace(config, **{name: defaults[name] for name in names} | {"epochs": 1})
    return fill(Resolved, replace(config, tune=tune), chosen)


def network(sizes: TransferredSizes) -> nn.Module:
    """The network of a finished run, from its sizes in config.json."""
    from handloom.encoders import backbone
    from handloom.models.image.transferred import Transferred

    return Transferred(backbone(sizes), sizes["width"], sizes["classes"], sizes["hflip_tta"])


def build(config: Resolved, data: DataSet, device: torch.device, keeps_last: bool = False) -> Built:
    """The head as a stage that is solved; under `--tune all`, fine-tuning as a second one.

    keeps_last: the last epoch is kept, so that the validation images choose nothing.
    """
    from handloom.encoders import find, sizes
    from handloom.models.image.transferred import Transferred

    encoder = find(config.network, weights_of(config), device, precision_of(config, device))
    classes = data.train.classes
    is_mirrored = config.tune == "all" and config.hflip
    model = Transferred(encoder.network, encoder.width, len(classes), is_mirrored).to(device)
    network: TransferredSizes = {
        "kind": "transferred",
        **sizes(encoder),
        "classes": len(classes),
        "hflip_tta": is_mirrored,
    }
    record: Record = {
        "network": network,
        "encoder": {
            "name": encoder.spec, "fingerprint": encoder.fingerprint, "weights": encoder.weights
        },
        **data_record(data),
    }  # fmt: skip
    decides = None if keeps_last else _monitor(config, data)
    stages = [_head_stage(config, data, encoder, model, decides)]
    if config.tune == "all":
        stages.append(
            Stage(
                "tune",
                config.epochs,
                lambda previous: _tuning(config, data, model, encoder, decides),
                showing(data.train),
                remedy="a smaller --lr or --clip 0.5",
            )
        )
    return Built(stages, record, [*data_notes(config, data), _description(encoder, config)])


def features_of(images: Images, encoder: Encoder, report: ReportProgress | None = None) -> Tensor:
    """Features of decoded images, float32 (N, D) on the CPU, each computed once and kept."""
    from handloom.encoders.features import of_images

    return of_images(images.image, encoder, report)


def precision_of(config: Config, device: torch.device) -> PrecisionName:
    """What the encoder of a run computes in: tuning trains it, and then all is in one precision."""
    from handloom.engine.precision import Precision

    if config.tune != "all":
        return config.precision
    return Precision.resolve(device, config.precision).name


def _description(encoder: Encoder, config: Resolved) -> str:
    after = "; then its upper layers are tuned" if config.tune == "all" else ""
    side = encoder.preprocessing["size"][0]
    return (
        f"{encoder.spec}, pretrained ({encoder.weights}): {encoder.width:,} features of {side}x"
        f"{side} pixels, and a linear head on them{after}"
    )


def _head_stage(
    config: Resolved, data: DataSet, encoder: Encoder, model: Transferred, decides: str | None
) -> Stage:
    """The head alone, on features: nothing else of the network is run."""
    import torch

    from handloom.engine.loop import Experiment
    from handloom.engine.optim import SGD
    from handloom.jobs.classification.linear_head import solve
    from handloom.objectives.classification import Classification

    device, loaded = encoder.precision.device, _weights_of(encoder)

    def build(previous: Experiment | None) -> Experiment:
        return Experiment(
            objective=Classification(model.head, field="features").to(device),
            train=_features(data.train, encoder, config.seed),
            optimizers={"network": SGD(list(model.head.parameters()), 0.0)},
            epochs=0,
            networks={"network": model},
            precision=encoder.precision,
            evaluations=_evaluations(data, encoder),
            monitor=decides,
        )

    def solved(experiment: Experiment) -> None:
        assert data.train.label is not None
        torch.manual_seed(config.seed)
        weights, now = _weights_of(encoder), encoder
        if weights != loaded:  # --from has copied those of another run, whose features are others
            now = replace(encoder, fingerprint=weights)
            experiment.train = _features(data.train, now, config.seed)
            experiment.evaluations = _evaluations(data, now)
        features = features_of(data.train, now)
        is_balanced, strength = config.class_weights == "balanced", config.strength or STRENGTH
        solve(model.head.to("cpu"), features, data.train.label, strength, is_balanced)
        model.head.to(device)

    return Stage("head", 0, build, solve=solved, remedy="--tune all")


def _weights_of(encoder: Encoder) -> str:
    """A fingerprint of the weights that an encoder's network has now."""
    from handloom.encoders.encoder import fingerprint

    return fingerprint(encoder.spec, encoder.preprocessing, encoder.network.state_dict())


def _features(images: Images, encoder: Encoder, seed: int | None = None) -> InMemoryLoader:
    """Batches of features and labels, shuffled by `seed`, in order without one."""
    from handloom.data.loaders import InMemoryLoader

    assert images.label is not None
    fields = {"features": features_of(images, encoder), "label": images.label}
    device = encoder.precision.device
    return InMemoryLoader(fields, 512, device, shuffle=seed is not None, seed=seed or 0)


def _evaluations(data: DataSet, encoder: Encoder) -> dict[str, Source]:
    split = data.watched
    return {split: _features(data.splits[split], encoder)} if split else {}


def _monitor(config: Resolved, data: DataSet) -> str | None:
    """What decides which weights are kept: validation images where they are many enough.

    On fewer the choice between head and tuning is made by folds of the training images, and the
    validation images choose nothing, so that they can be reported.
    """
    if len(data.train) < CHOSEN_BY_FOLDS or config.tune == "head":
        return None
    return monitor(config, data)


def _tuning(
    config: Resolved, data: DataSet, model: Transferred, encoder: Encoder, decides: str | None
) -> Experiment:
    """From the head that was solved: the upper layers, the lower of them more slowly."""
    from handloom.models.layers.depthwise import depthwise_in_float32

    side = _tuned_side(config, data)
    depthwise_in_float32(model.backbone)
    # Before the objective, whose average follows what is tuned alone.
    groups = layer_groups(model, config.lr, config.layer_decay or 1.0, config.frozen or 0.0)
    tuned = objective(config, model, data.train, (side, side))
    tuned.freeze_batch_norms(model.backbone)
    return experiment(config, data, tuned, groups, encoder.precision, decides, TEST_BATCH)


def layer_groups(
    model: Transferred, lr: float, lowest: float, frozen: float
) -> list[ParameterGroup]:
    """Parameters by layer from the lowest up, the head last, each with a learning rate of its own.

    lr: of the head. lowest: share of it that the lowest layer has; those between rise by one factor
    from layer to layer, as lower layers know more that is general (Howard and Ruder 2018,
    arXiv:1801.06146, sec. 3.2). frozen: the lowest layers that hold together no more than this
    share of the encoder's parameters are left out, and ask for no gradients from here on.
    """
    from handloom.engine.optim import ParameterGroup

    layers: dict[str, list[nn.Parameter]] = {}
    for name, parameter in model.backbone.named_parameters():
        layers.setdefault(_layer_of(name), []).append(parameter)
    sizes = [sum(p.numel() for p in parameters) for parameters in layers.values()]
    ordered = []
    for depth, parameters in enumerate(layers.values(), 1):
        is_tuned = sum(sizes[:depth]) > frozen * sum(sizes)
        for parameter in parameters:
            parameter.requires_grad_(is_tuned)
        ordered += [parameters] * is_tuned
    ordered.append(list(model.head.parameters()))
    last = len(ordered) - 1
    return [
        ParameterGroup(parameters, lr * lowest ** ((last - depth) / max(1, last)))
        for depth, parameters in enumerate(ordered)
    ]


def _layer_of(name: str) -> str:
    """The layer a parameter belongs to: "body.blocks.3" of "body.blocks.3.0.conv.weight"."""
    parts = name.split(".")
    end = next((place for place, part in enumerate(parts) if part.isdigit()), 1)
    return ".".join(parts[: end + 1])
