"""CLIP: images and texts brought to one space, from images with captions.

By default a pretrained network of the images stays as it is, and what is learned is a layer on its
features and the network of the texts (Zhai et al. 2022, arXiv:2111.07991); small images have a
network from scratch, which learns with that of the texts (Radford et al. 2021, arXiv:2103.00020).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.clip import image_side
from handloom.jobs.clip.config import Config, Resolved
from handloom.jobs.clip.defaults import BACKBONE, chosen
from handloom.jobs.clip.pairs import Pairs, load
from handloom.jobs.options import broken, fill
from handloom.jobs.training.stage import Built, single

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from handloom.data.images.dataset import Images
    from handloom.data.loaders import InMemoryLoader
    from handloom.encoders import Encoder
    from handloom.engine.loop import Experiment
    from handloom.engine.optim import ParameterGroup
    from handloom.jobs.clip.image_side import ImageNetwork
    from handloom.jobs.clip.records import ClassWords, NetworkSizes, Record
    from handloom.models.clip import CLIP
    from handloom.objectives.clip import Clip

__all__ = ["Config", "build", "load", "networks", "resolve"]

HEADS = 4
TEST_BATCH = 256


def resolve(config: Config, data: Pairs) -> Resolved:
    """Choose what was left open, for the network and the size of the data."""
    train = data.images.train
    if len(train) < 2:
        raise UserError("there is one training image, and nothing to tell it from: add images")
    config = replace(config, network=data.network)
    tune = config.tune or ("all" if data.network == image_side.SCRATCH else "head")
    numbers = chosen(data.network, tune, len(train), train.channels, min(train.size))
    resolved = fill(Resolved, replace(config, tune=tune), numbers)
    if resolved.text == "transformer" and resolved.hidden % HEADS:
        raise UserError(f"--hidden {resolved.hidden}: must be a multiple of {HEADS}, the heads")
    if resolved.translate >= min(train.size):
        raise UserError(
            f"--translate {resolved.translate}: the images are {train.size[1]}x{train.size[0]} "
            f"pixels; give at most {min(train.size) - 1}"
        )
    return replace(resolved, batch=min(resolved.batch, len(train)))


def build(config: Resolved, data: Pairs, device: torch.device) -> Built:
    """Networks, objective, sources and optimizer."""
    from handloom.engine.precision import channels_last
    from handloom.models.clip import CLIP

    image = image_side.opened(data.network, config, data.images.train, device)
    record = _record(config, data, image)
    model = CLIP(image.network, image.width, _text_network(record["network"]),
                 config.hidden, config.width, config.dropout)  # fmt: skip
    channels_last(model).to(device)
    experiment = _experiment(config, data, model, image, device)
    notes = [*data.notes, *broken(data.images), _what(config, image)]
    return Built(single(experiment), record, notes)


def networks(record: Record) -> dict[str, nn.Module]:
    """The network of a finished run, from its config.json."""
    from handloom.models.clip import CLIP

    sizes = record["network"]
    image = image_side.network_of(sizes["image"])
    return {"network": CLIP(image, sizes["features"], _text_network(sizes), sizes["hidden"],
                            sizes["width"])}  # fmt: skip


def _text_network(sizes: NetworkSizes) -> nn.Module:
    from handloom.models.text.transformer import TextBag, TextTransformer

    if sizes["text"] == "bag":
        return TextBag(sizes["vocabulary"], sizes["hidden"], sizes["dropout"])
    return TextTransformer(
        sizes["vocabulary"], sizes["hidden"], sizes["max_length"], sizes["layers"], HEADS,
        sizes["dropout"],
    )  # fmt: skip


def _record(config: Resolved, data: Pairs, image: ImageNetwork) -> Record:
    """What config.json holds: enough to read images and words without the data."""
    from handloom.data.text.tokenizer import saved

    captions = data.captions
    known: ClassWords = {} if captions.classes is None else {
        "classes": list(captions.classes), "templates": list(captions.templates)
    }  # fmt: skip
    return {
        "network": {
            "image": image.sizes, "features": image.width, "text": config.text,
            "vocabulary": data.tokenizer.get_vocab_size(), "hidden": config.hidden,
            "layers": config.layers, "max_length": data.max_length, "width": config.width,
            "dropout": config.dropout,
        },
        "encoder": None if image.encoder is None else {
            "name": image.encoder.spec, "fingerprint": image.encoder.fingerprint,
            "weights": image.encoder.weights,
        },
        **known,
        "tokenizer": saved(data.tokenizer),
        "units": data.units,
        "preprocessing": data.images.preprocessing,
        "fingerprint": data.fingerprint,
        "images": {name: len(part) for name, part in data.images.splits.items()},
        "captions": len(captions.texts),
    }  # fmt: skip


def _what(config: Resolved, image: ImageNetwork) -> str:
    sizes = image.sizes
    side = "" if sizes["kind"] == "run" else "x".join(map(str, sizes["size"][:2]))
    pixels = f" of {side} pixels" if side else ""
    if image.encoder is None:
        return f"images{pixels} by a {image_side.SCRATCH} from scratch"
    how = "stays as it is" if config.tune == "head" else "learns too"
    return f"images{pixels} by {image.encoder.spec}, pretrained, which {how}"


def _experiment(
    config: Resolved, data: Pairs, model: CLIP, image: ImageNetwork, device: torch.device
) -> Experiment:
    from handloom.engine.cuda_graph import is_recorded
    from handloom.engine.loop import Experiment
    from handloom.engine.optim import Adam
    from handloom.engine.precision import Precision
    from handloom.engine.schedule import make, scheduled_lr

    groups = _groups(config, model, data)
    objective = _objective(config, data, model, groups, device)
    if image.encoder is not None:
        objective.freeze_batch_norms(model.image)
    optimizer = Adam(groups, config.lr, weight_decay=config.weight_decay, decoupled=True)
    split = data.images.watched
    is_frozen = config.tune == "head"
    encoder = image.encoder if is_frozen else None
    return Experiment(
        objective=objective,
        train=_source(config, data, "train", encoder, device, config.seed),
        optimizers={"network": optimizer},
        epochs=config.epochs,
        networks={"network": model},
        precision=Precision.resolve(device, config.precision),
        evaluations={split: _source(config, data, split, encoder, device)} if split else {},
        monitor="valid/recall" if split == "valid" else None,
        scheduled=scheduled_lr(optimizer, make(config.schedule)),
        clip=config.clip,
        cuda_graph=is_recorded(config.cuda_graph, device),
    )


def _groups(config: Resolved, model: CLIP, data: Pairs) -> list[ParameterGroup]:
    """What learns; words, places, norms and the scale are not decayed, and a pretrained network
    learns more slowly."""
    from handloom.engine.optim import ParameterGroup

    own = [p for name, p in model.named_parameters() if not name.startswith("image.")]
    decayed = [p for p in own if p.ndim > 1]
    groups = [ParameterGroup(decayed), ParameterGroup([p for p in own if p.ndim < 2], None, 0.0)]
    if config.tune == "head":
        model.image.requires_grad_(False)
        return groups
    share = 1.0 if data.network == image_side.SCRATCH else BACKBONE
    reached = _reached(model, data.images.train)
    lr = config.lr * share
    many = [p for p in reached if p.ndim > 1]
    few = [p for p in reached if p.ndim < 2]
    return [*groups, ParameterGroup(many, lr), *([ParameterGroup(few, lr, 0.0)] if few else [])]


def _reached(model: CLIP, train: Images) -> list[nn.Parameter]:
    """Parameters of the image network that its features depend on: a run's head is not among
    them."""
    import torch

    parameters = [p for p in model.image.parameters() if p.is_floating_point()]
    for parameter in parameters:
        parameter.requires_grad_(True)
    was_training = model.training
    device = parameters[0].device
    example = torch.zeros(1, train.channels, *train.size, device=device)
    total = model.eval().image(example).float().sum()
    gradients = torch.autograd.grad(total, parameters, allow_unused=True)
    model.train(was_training)
    pairs = list(zip(parameters, gradients, strict=True))
    for parameter, gradient in pairs:
        parameter.requires_grad_(gradient is not None)
    return [parameter for parameter, gradient in pairs if gradient is not None]


def _objective(
    config: Resolved, data: Pairs, model: CLIP, groups: list[ParameterGroup], device: torch.device
) -> Clip:
    from handloom.objectives.clip import Clip

    parameters = [p for group in groups for p in group.parameters]
    augment = None if config.tune == "head" else _augmentation(config, data.images.train)
    return Clip(model, parameters, data.tokens, data.length, data.group, augment).to(device)


def _augmentation(config: Resolved, train: Images) -> nn.Module | None:
    from torch import nn

    from handloom.models.layers.augment import Augment
    from handloom.models.layers.photo_augment import PhotoAugment

    steps: list[nn.Module] = []
    if config.crop < 1 or config.color > 0:
        steps.append(PhotoAugment(train.size, config.crop, config.color))
    if config.translate or config.hflip:
        border = "zeros" if train.channels == 1 else "reflect"
        steps.append(Augment(config.translate, config.hflip, border=border))  # type: ignore[arg-type]
    return nn.Sequential(*steps) if steps else None


def _source(
    config: Resolved, data: Pairs, split: str, encoder: Encoder | None, device: torch.device,
    seed: int | None = None,
) -> InMemoryLoader:  # fmt: skip
    """Shuffled by `seed` for training; in order, to the last image, without one."""
    from handloom.data.loaders import InMemoryLoader

    images, caption = data.images.splits[split], data.caption[split]
    if encoder is None:
        fields = {"image": images.image, "caption": caption}
    else:
        is_mirrored = config.hflip and seed is not None
        fields = {"features": features_of(images, encoder, is_mirrored), "caption": caption}
    batch = config.batch if seed is not None else TEST_BATCH
    return InMemoryLoader(fields, batch, device, seed is not None, seed or 0)


def features_of(images: Images, encoder: Encoder, is_mirrored: bool = False) -> Tensor:
    """Features of decoded images, and of their mirror images, float32 (N, V, F), each computed once
    and kept in the cache."""
    import torch

    from handloom.encoders.features import of_images

    views = [of_images(images.image, encoder)]
    views += [of_images(images.image, encoder, mirrored=True)] if is_mirrored else []
    return torch.stack(views, 1)
