"""Networks of torchvision, without their heads; their weights are kept in torch's own cache."""

from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from handloom.data.io.fetch import Remote, fetch
from handloom.data.io.progress import ReportProgress
from handloom.encoders.encoder import Architecture
from handloom.encoders.names import EncoderName, unknown
from handloom.encoders.weights import WeightsAbsent
from handloom.errors import UserError

CATALOG = "https://docs.pytorch.org/vision/stable/models.html"
HEADS = ("fc", "classifier", "head", "heads")
AUXILIARY = {"aux1", "aux2", "AuxLogits"}  # further heads that GoogLeNet and Inception train with
MOST_BYTES = 4 << 30  # the largest published, vit_h_14, has 2.4 GiB
# Arguments that published weights ask for; torchvision sets them when it loads those itself.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "googlenet": {"init_weights": False, "transform_input": True},
    "inception_v3": {"init_weights": False, "transform_input": True},
}


def architecture(name: str) -> Architecture:
    """A network by torchvision's name, or by NAME.WEIGHTS as in resnet50.IMAGENET1K_V1."""
    from torchvision import models

    network, _, tag = name.partition(".")
    if network not in models.list_models(module=models):
        raise unknown(EncoderName("torchvision", name), models.list_models(module=models), CATALOG)
    weights = _weights(models.get_model_weights(network), name, tag)
    how = weights.transforms()
    body = models.get_model(network, **ARGUMENTS.get(network, {}))
    names = frozenset(body.state_dict())
    _remove_head(body)
    (side,), (short,) = how.crop_size, how.resize_size
    return Architecture(
        body=body,
        head=names - frozenset(body.state_dict()),
        preprocessing={
            "size": [side, side],
            "channels": 3,
            "fit": "crop",
            "background": "white",
            "crop": side / short,
            "interpolation": "bilinear" if how.interpolation.value == "bilinear" else "bicubic",
        },
        mean=tuple(how.mean),
        std=tuple(how.std),
        published=partial(_published, name, weights.url),
    )


def _weights(known: Any, name: str, tag: str) -> Any:
    """The published weights that a tag names; the default ones without a tag."""
    if not tag:
        return known.DEFAULT
    if tag not in known.__members__:
        raise UserError(
            f"torchvision has no weights '{name}': it has {', '.join(known.__members__)}"
        )
    return known[tag]


def _remove_head(network: nn.Module) -> None:
    """Features (B, D) in place of logits: what stands before the head's first linear layer stays.

    Networks that have several linear layers or a convolution after the last maps (AlexNet, VGG,
    SqueezeNet) give the mean of those maps.
    """
    parts = dict(network.named_children())
    name = next(name for name in HEADS if name in parts)
    head = parts[name]
    layers = list(head.children()) or [head]
    kept = list(takewhile(lambda layer: not isinstance(layer, nn.Linear | nn.Conv2d), layers))
    if any(isinstance(layer, nn.Conv2d) for layer in layers):
        kept = [nn.AdaptiveAvgPool2d(1)]
    elif sum(isinstance(layer, nn.Linear) for layer in layers) > 2 and "avgpool" in parts:
        network.avgpool = nn.AdaptiveAvgPool2d(1)
        kept = []
    setattr(network, name, nn.Sequential(*kept))
    for auxiliary in AUXILIARY & set(parts):
        setattr(network, auxiliary, None)
        network.aux_logits = False  # type: ignore[assignment]


def _published(name: str, url: str, report: ReportProgress | None) -> Path:
    file = url.rsplit("/", 1)[1]
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    digest = file.rpartition("-")[2].partition(".")[0]  # the beginning of its sha256
    try:
        fetch(Remote((url,), "", MOST_BYTES, file, digest), folder, report)
    except UserError as error:
        reason = str(error).partition("(")[2].rpartition(")")[0]
        raise WeightsAbsent(
            f"the weights of torchvision:{name} are not in '{folder}' and could not be downloaded "
            f"({reason})"
        ) from None
    return folder / file
