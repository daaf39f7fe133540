"""From an encoder's name, or from what a run recorded of it, to the network."""

from pathlib import Path

import torch
from torch import nn

from handloom.data.images.reading import Preprocessing
from handloom.data.io.progress import ReportProgress
from handloom.encoders.encoder import Architecture, Backbone, Encoder, fingerprint
from handloom.encoders.names import CLIP, PIXELS, SIMCLR, absolute, parse
from handloom.encoders.records import EncoderSizes
from handloom.engine.precision import Precision, PrecisionName, channels_last, pick_device
from handloom.errors import UserError


def find(
    spec: str,
    weights: Path | None = None,
    device: torch.device | None = None,
    precision: PrecisionName = "auto",
    report: ReportProgress | None = None,
) -> Encoder:
    """The encoder of a name, with its weights, ready to encode.

    spec: "pixels", or "SOURCE:NAME" of timm, torchvision, simclr, or clip, which reads words too.
    weights: a file of them; None takes those of $HANDLOOM_DATA/weights, or the published ones,
    downloaded once. device: None takes the fastest. precision: "auto" is what is fastest here.
    report: called while weights are downloaded.

    Raises UserError with one sentence for whatever a name or a file is to blame for, and its kind
    WeightsAbsent where there are no weights and no connection.
    """
    from handloom.encoders.compiling import quickest
    from handloom.encoders.weights import load_weights

    spec = absolute(spec)
    architecture = architecture_of(spec)
    source = None
    if architecture.published is not None:
        source = load_weights(architecture, spec, weights, report)
    elif weights is not None:
        raise UserError(f"the encoder '{spec}' has no weights: leave --weights out")
    chosen = Precision.resolve(device or pick_device(), precision)
    if precision == "auto":
        chosen = quickest(architecture.body, chosen)
    return encoder_of(spec, architecture, source, chosen)


def encoder_of(
    spec: str, architecture: Architecture, source: str | None, precision: Precision
) -> Encoder:
    """The encoder of an architecture whose weights are loaded, or at random; source: of weights."""
    network, shape = _backbone(architecture), architecture.preprocessing
    channels_last(network).to(precision.device)
    whole = network if architecture.whole is None else architecture.whole.eval()
    whole.to(precision.device)
    return Encoder(
        spec=spec,
        width=_width(network, architecture, precision.device),
        preprocessing=shape,
        fingerprint=fingerprint(architecture.identity or spec, shape, whole.state_dict()),
        network=network,
        precision=precision,
        weights=source,
        text=architecture.text,
    )


def preprocessing(spec: str) -> Preprocessing:
    """How images are brought to an encoder, in the form that `data.images` takes."""
    return architecture_of(spec).preprocessing.copy()


def sizes(encoder: Encoder) -> EncoderSizes:
    """What config.json records of an encoder that `find` made, so that `backbone` builds it."""
    network = encoder.network
    assert isinstance(network, Backbone), "a run records its networks itself"
    return {
        "encoder": encoder.spec,
        "size": [*encoder.preprocessing["size"], encoder.preprocessing["channels"]],
        "width": encoder.width,
        "mean": [round(value, 6) for value in network.normalize.mean.flatten().tolist()],
        "std": [round(value, 6) for value in network.normalize.std.flatten().tolist()],
    }


def backbone(recorded: EncoderSizes) -> nn.Module:
    """The network of an encoder by its `sizes`, with weights at random, on the CPU, in eval mode.

    image (B, C, H, W) in [0, 1] to (B, D). Nothing is downloaded.
    """
    body = architecture_of(recorded["encoder"]).body
    channels = recorded["size"][2]
    return Backbone(body, channels, recorded["mean"], recorded["std"]).eval()


def with_library(network: str) -> str | None:
    """The encoder that is meant by a network's name alone, "timm:NAME" or "torchvision:NAME"."""
    from timm.models import is_model
    from torchvision import models

    if network in models.list_models(module=models):
        return f"torchvision:{network}"
    return f"timm:{network}" if is_model(network.partition(".")[0]) else None


def architecture_of(spec: str) -> Architecture:
    """The network a name means, with weights at random; a UserError for a name of none."""
    from handloom.encoders import clip, pixels, simclr, timm, torchvision

    name = parse(spec)
    if name.source == PIXELS:
        return pixels.architecture(int(name.network) if name.network else None)
    sources = {
        "timm": timm.architecture, "torchvision": torchvision.architecture,
        CLIP: clip.architecture, SIMCLR: simclr.architecture,
    }  # fmt: skip
    return sources[name.source](name.network)


def _backbone(architecture: Architecture) -> Backbone:
    channels = architecture.preprocessing["channels"]
    return Backbone(architecture.body, channels, architecture.mean, architecture.std).eval()


@torch.no_grad()
def _width(network: nn.Module, architecture: Architecture, device: torch.device) -> int:
    shape = architecture.preprocessing
    features = network(torch.zeros(1, shape["channels"], *shape["size"], device=device))
    return int(features.shape[1])
