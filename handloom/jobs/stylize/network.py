"""The networks whose features are compared: VGG-19, its 16 times compressed form, random filters.

Weights are read as tensors alone (`weights_only`), by the names inside, without torchvision. The
compressed encoders are those of Wang et al. 2020, "Collaborative distillation for ultra-resolution
universal style transfer", arXiv:2003.08436; of the five files the deepest is used, since one pass
through it gives all layers.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from handloom.data.io.fetch import Remote, fetch
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import data_folder
from handloom.data.io.weights import read_weights
from handloom.errors import UserError
from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.records import NetworkRecord, StyleNetwork
from handloom.models.image.random_filters import RandomFilters
from handloom.models.image.vgg import COMPRESSED, VGG, VGG19, Padding, Pooling

PUBLISHED = Remote(
    ("https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",),
    md5="",
    most_bytes=600_000_000,
    unpacks="vgg19-dcbb9e9d.pth",
    sha256="dcbb9e9d",  # the file's name holds the beginning of its digest
)
LEVELS: dict[StyleNetwork, tuple[tuple[int, ...], ...]] = {
    "vgg19": VGG19,
    "vgg19-small": COMPRESSED,
}
EXPANDED = (64, 128, 256, 512, 512)  # VGG-19's own channels at the first layer of each level
FILES = {"vgg19": "weights/vgg19-dcbb9e9d.pth", "vgg19-small": "weights/vgg19_16x/5SE.pth"}
TITLES = {
    "vgg19": "VGG-19",
    "vgg19-small": "VGG-19 compressed 16 times",
    "random": "random multi-scale filters, which know texture and no objects",
}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of torchvision's ImageNet weights


def network(
    config: Config, dtype: torch.dtype, report: ReportProgress
) -> tuple[Any, NetworkRecord]:
    """The network the options ask for, and its record.

    auto takes VGG-19 where its weights are, else the compressed form, else downloads VGG-19, else
    random filters.
    """
    name, path, hint = _choice(config, report)
    pooling: Pooling = config.pooling or ("max" if config.preset else "average")
    record = NetworkRecord(
        name=name,
        title=TITLES[name],
        weights=None if path is None else str(path.resolve()),
        digest=None,
        precision="float32" if dtype == torch.float32 else "bfloat16",
        pooling=pooling,
        hint=hint,
    )
    if path is None:
        return RandomFilters(seed=config.seed, dtype=dtype), record
    moments = (0.44, 0.22) if config.preset and name == "vgg19" else None  # the tutorial's
    encoder = read(name, path, pooling, dtype, moments)
    digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    return encoder, record | {"digest": digest}


def _choice(config: Config, report: ReportProgress) -> tuple[StyleNetwork, Path | None, str]:
    """The network, the file of its weights, and a hint where a better one was not available."""
    if config.network == "random":
        return "random", None, ""
    if config.weights is not None:
        given = Path(config.weights)
        return _named(config, given), given, ""
    if config.network != "auto":
        path = find(config.network)
        if path is None and config.network == "vgg19-small":
            raise UserError(
                "the compressed VGG-19 is not on this machine: give its file (5SE.pth of "
                "collaborative distillation) with --weights"
            )
        return config.network, path or download(report), ""
    return _automatic(config, report)


def _automatic(config: Config, report: ReportProgress) -> tuple[StyleNetwork, Path | None, str]:
    for name in LEVELS:
        path = find(name)
        if path is not None:
            better = "; VGG-19 itself gives richer strokes: --network vgg19 downloads it (575 MB)"
            return name, path, "" if name == "vgg19" else better
    try:
        return "vgg19", download(report), ""
    except UserError:
        if config.preset:
            raise
        hint = ": the weights of VGG-19 are not available, give their file with --weights"
        return "random", None, hint


def _named(config: Config, path: Path) -> StyleNetwork:
    """Which network a file is of, where the options leave it open."""
    if config.network != "auto":
        return config.network
    return "vgg19-small" if "conv11.weight" in read_weights(path) else "vgg19"


def find(network: str) -> Path | None:
    """Where this machine has the weights of `network`, or None."""
    places = [data_folder() / FILES[network], _hub() / "checkpoints" / Path(FILES[network]).name]
    return next((place for place in places if place.is_file()), None)


def download(report: ReportProgress | None = None) -> Path:
    """VGG-19's published weights, fetched with a check of their digest into the data folder."""
    fetch(PUBLISHED, data_folder() / "weights", report)
    return data_folder() / FILES["vgg19"]


def read(
    network: StyleNetwork,
    path: Path,
    pooling: Pooling,
    dtype: torch.dtype,
    moments: tuple[float, float] | None = None,
) -> VGG:
    """The encoder `network` with the weights in `path`; a UserError where they are another's.

    moments: mean and deviation that images are normalised with, for VGG-19; ImageNet's by default.
    """
    tensors = read_weights(path)
    padding: Padding = "zeros" if network == "vgg19" else "reflect"
    names = _published_names() if network == "vgg19" else _compressed_names()
    expanded = () if network == "vgg19" else EXPANDED
    encoder = VGG(LEVELS[network], padding, pooling, dtype, expanded)
    weights = {}
    for name, (weight, bias) in names.items():
        own = encoder.get_buffer(f"weight{name}").shape
        expected = (own[0], 3 if name == "1_1" else own[1], *own[2:])
        if not {weight, bias} <= set(tensors) or tensors[weight].shape != expected:
            raise UserError(
                f"{path} does not hold the weights of {network} (its layer {weight} of shape "
                f"{tuple(expected)} is not there): give that network's own file, or another "
                "--network"
            )
        weights[name] = (tensors[weight], tensors[bias])
    encoder.fill(weights, *_first(network, tensors, moments))
    return encoder


def _first(
    network: str, tensors: Mapping[str, Tensor], moments: tuple[float, float] | None
) -> tuple[Tensor, Tensor]:
    """What the first convolution sees of a pixel: scale (3, 3) and shift (3,)."""
    if network == "vgg19-small":
        return tensors["conv0.weight"].double().flatten(1), tensors["conv0.bias"].double()
    mean = torch.tensor(MEAN if moments is None else (moments[0],) * 3, dtype=torch.float64)
    std = torch.tensor(STD if moments is None else (moments[1],) * 3, dtype=torch.float64)
    return torch.diag(1 / std), -mean / std


def _published_names() -> dict[str, tuple[str, str]]:
    """torchvision numbers convolutions, ReLUs and pools alike: features.0, .2, .5, ..."""
    names, place = {}, 0
    for i, level in enumerate(VGG19, 1):
        for j in range(1, len(level) + 1):
            names[f"{i}_{j}"] = (f"features.{place}.weight", f"features.{place}.bias")
            place += 2
        place += 1
    return names


def _compressed_names() -> dict[str, tuple[str, str]]:
    convolutions = {
        f"{i}_{j}": (f"conv{i}{j}.weight", f"conv{i}{j}.bias")
        for i, level in enumerate(COMPRESSED, 1)
        for j in range(1, len(level) + 1)
    }
    full = {f"{i}_1full": f"conv{i}1_aux" for i in range(1, 6)}
    return convolutions | {
        name: (f"{place}.weight", f"{place}.bias") for name, place in full.items()
    }


def _hub() -> Path:
    """Where torch keeps what it downloaded."""
    home = os.environ.get("TORCH_HOME") or Path.home() / ".cache" / "torch"
    return Path(home) / "hub"
