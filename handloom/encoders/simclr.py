"""Networks that SimCLR trained elsewhere, in the layout of the checkpoints of lightning-bolts.

https://github.com/Lightning-Universe/lightning-bolts, `models/self_supervised/simclr`: the ResNets
of torchvision under `encoder.`, beside a projection and an evaluator, which are left out. Runs of
`train simclr` are encoders by themselves.
"""

from pathlib import Path

from torch import nn

from handloom.data.images.reading import Preprocessing
from handloom.data.io.lightning import read_lightning
from handloom.data.io.progress import ReportProgress
from handloom.encoders.encoder import Architecture, LoadedWeights
from handloom.encoders.names import SIMCLR, EncoderName, unknown
from handloom.encoders.weights import WeightsAbsent
from handloom.errors import UserError

NETWORKS = ("resnet18", "resnet50")
SIZES = (32, 512)  # pixels, at least and at most
SIDE = 224
CATALOG = "https://lightning-bolts.readthedocs.io/en/stable/models/self_supervised.html"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet
PREFIX = "encoder."
HEAD = ("fc.weight", "fc.bias")


def architecture(name: str) -> Architecture:
    """resnet18 or resnet50, at 224 pixels or as in resnet50.64 at others."""
    from torchvision import models

    network, _, size = name.partition(".")
    if network not in NETWORKS:
        raise unknown(EncoderName(SIMCLR, name), NETWORKS, CATALOG)
    body = models.get_model(network, weights=None)
    body.add_module("fc", nn.Sequential())
    return Architecture(
        body=body,
        head=frozenset(HEAD),
        preprocessing=_preprocessing(name, size),
        mean=MEAN,
        std=STD,
        published=lambda report: _published(name, report),
        read=read,
    )


def read(path: Path) -> LoadedWeights:
    """The weights of the encoder in a checkpoint, or in a file of these weights alone."""
    state, left_out = read_lightning(path)
    inner = {key.removeprefix(PREFIX): value for key, value in state.items()
             if key.startswith(PREFIX)}  # fmt: skip
    note = f", without {', '.join(left_out[:3])}, which were not loaded" if left_out else ""
    return LoadedWeights(inner or state, f"{path}{note}")


def _preprocessing(name: str, size: str) -> Preprocessing:
    """As lightning-bolts evaluates: scaled to a tenth more than the side, and cropped."""
    if size and not (size.isdigit() and SIZES[0] <= int(size) <= SIZES[1]):
        raise UserError(
            f"the encoder '{SIMCLR}:{name}' must have a size of {SIZES[0]} to {SIZES[1]} pixels "
            f"after the dot, as in {SIMCLR}:resnet50.64"
        )
    side = int(size) if size else SIDE
    return {
        "size": [side, side],
        "channels": 3,
        "fit": "crop",
        "background": "white",
        "crop": side / int(1.1 * side),
        "interpolation": "bilinear",
    }


def _published(name: str, _: ReportProgress | None) -> Path:
    raise WeightsAbsent(
        f"the weights of {SIMCLR}:{name} are not downloaded",
        "give a checkpoint of lightning-bolts, such as its simclr_imagenet.ckpt, with --weights",
    )
