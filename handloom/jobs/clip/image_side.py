"""The network of the images: a pretrained encoder, a run's, or a small one from scratch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from handloom.errors import UserError
from handloom.jobs.images.data import reading_of
from handloom.jobs.images.encoding import find_encoder, is_run
from handloom.wording import nearest

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import Images
    from handloom.data.images.reading import Preprocessing
    from handloom.data.io.progress import ReportProgress
    from handloom.encoders import Encoder
    from handloom.jobs.clip.config import Config
    from handloom.jobs.clip.records import (
        ImageSizes,
        PretrainedImageSizes,
        RunSizes,
        ScratchImageSizes,
    )
    from handloom.runs.records import RunConfig

ENCODER = "timm:tf_efficientnet_lite0"  # the classifier's too
SCRATCH: Final = "resnet"
SMALLEST = 64  # pixels of the shorter side; smaller images have lost what an encoder looks for
LEFT = ("trials", "choice", "stages", "versions", "data_from_run")  # of another run's config.json


class ImageNetwork(NamedTuple):
    """network: image (B, C, H, W) in [0, 1] to (B, width). sizes: what `network_of` builds it from.
    encoder: with its weights; None of a network from scratch."""

    network: nn.Module
    width: int
    sizes: ImageSizes
    encoder: Encoder | None


def choose(
    config: Config, data: str, labelled: bool, report: ReportProgress
) -> tuple[str, tuple[str, ...]]:
    """The network of a set of images by its name, and sentences to show.

    Raises UserError for a name of none, and for options that do not go with it.
    """
    network = config.network
    if network == "auto":
        network, notes = _by_images(config, data, labelled, report)
    else:
        notes = ()
    if network != SCRATCH and not is_run(network) and ":" not in network:
        from handloom.encoders import with_library

        near = with_library(network) or nearest(network, (SCRATCH, "auto"))
        hint = f"did you mean '{near}'?" if near else "give auto, timm:NAME, a run, or resnet"
        raise UserError(f"there is no network '{network}': {hint}")
    if network == SCRATCH and config.tune == "head":
        raise UserError("--tune head: a network from scratch knows nothing; leave it out")
    if network == SCRATCH and config.weights is not None:
        raise UserError("--weights is for pretrained networks: leave it out, or give timm:NAME")
    if network != SCRATCH and config.size is not None:
        raise UserError(f"--size {config.size}: {network} has a size of its own; leave it out")
    return network, notes


def _by_images(
    config: Config, data: str, labelled: bool, report: ReportProgress
) -> tuple[str, tuple[str, ...]]:
    from handloom.data.images.survey import survey
    from handloom.encoders import WeightsAbsent

    if config.size is not None and config.weights is None:
        return SCRATCH, ()  # encoders have a size of their own
    seen = survey(data, reading_of(vars(config)), labelled)
    if config.weights is None and (seen.side < SMALLEST or seen.is_grey):
        return SCRATCH, ()
    try:
        find_encoder(ENCODER, weights_of(config), report=report)
    except WeightsAbsent as error:
        return SCRATCH, (f"{error}; until then a small network is trained from scratch",)
    return ENCODER, ()


def preprocessing(network: str, config: Config) -> Preprocessing | None:
    """How images are brought to a network; None of one from scratch, which takes any."""
    if network == SCRATCH:
        return None
    if is_run(network):
        return find_encoder(network).preprocessing
    from handloom.encoders import preprocessing

    return preprocessing(network)


def opened(network: str, config: Config, train: Images, device: torch.device) -> ImageNetwork:
    """The network with the weights that it begins with."""
    import torch

    if network == SCRATCH:
        sizes = _sizes(train)
        made = network_of(sizes)
        with torch.no_grad():
            height, columns, channels = sizes["size"]
            width = made.eval()(torch.zeros(1, channels, height, columns)).shape[1]
        return ImageNetwork(made, int(width), sizes, None)
    encoder = find_encoder(network, weights_of(config), str(device))
    if is_run(network):
        return ImageNetwork(encoder.network, encoder.width, _of_run(network), encoder)
    from handloom.encoders import sizes as sizes_of

    recorded: PretrainedImageSizes = {"kind": "encoder", **sizes_of(encoder)}
    return ImageNetwork(encoder.network, encoder.width, recorded, encoder)


def network_of(sizes: ImageSizes) -> nn.Module:
    """The network by its sizes, with weights at random."""
    from torch import nn

    if sizes["kind"] == "encoder":
        from handloom.encoders import backbone

        return backbone(sizes)
    if sizes["kind"] == "run":
        return _again(sizes)
    from handloom.models.image.resnet import ResNet

    height, columns, channels = sizes["size"]
    network = ResNet(
        (height, columns, channels),
        1,
        width=sizes["width"],
        mean=sizes["mean"],
        std=sizes["std"],
    )
    network.head = nn.Identity()  # type: ignore[assignment]
    return network


def weights_of(config: Config) -> Path | None:
    """`--weights` as a path."""
    return None if config.weights is None else Path(config.weights).expanduser()


def _of_run(path: str) -> RunSizes:
    """What the encoder of another run is built from, without that run."""
    from handloom.runs.directory import RunDirectory

    config = RunDirectory.open(path).config()
    kept = {name: value for name, value in config.items() if name not in LEFT}
    return {"kind": "run", "run": path, "config": cast("RunConfig", kept)}


def _again(sizes: RunSizes) -> nn.Module:
    """The encoder of another run, by what was recorded of that run, with weights at random."""
    import torch

    from handloom.engine.precision import Precision
    from handloom.jobs import find_job
    from handloom.jobs.loading import Loaded
    from handloom.runs.directory import RunDirectory

    config = sizes["config"]
    job = find_job(config["job"])
    precision = Precision(torch.device("cpu"), None)
    networks = {name: network.eval() for name, network in job.networks(config).items()}
    run = Loaded(RunDirectory(Path(sizes["run"])), config, networks, precision)
    assert job.encoder is not None
    encoder: Encoder = job.encoder(run)
    return encoder.network


def _sizes(train: Images) -> ScratchImageSizes:
    """A network from scratch for images of that size, and their mean and deviation."""
    from handloom.metrics.moments import pixel_moments

    mean, std = pixel_moments(train.image, train.label)
    wide = len(train) >= 10_000 and train.channels == 3
    return {"kind": SCRATCH, "size": [*train.size, train.channels], "width": 64 if wide else 32,
            "mean": mean, "std": std}  # fmt: skip
