"""Image classifier: which network, and then its own way of training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.classifier import pretrained, scratch
from handloom.jobs.classifier.config import Config, Resolved
from handloom.jobs.classifier.defaults import SCRATCH, TUTORIAL, is_pretrained
from handloom.jobs.classifier.unused import check_scratch
from handloom.jobs.images.data import load_images

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet
    from handloom.data.io.progress import ReportProgress
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.images.records import LentRecord
    from handloom.jobs.training.stage import Built
    from handloom.runs.records import Options


def load(config: Config, data: str, report: ReportProgress) -> DataSet:
    """Read the images, as the network takes them; `auto` is decided here, by the images.

    Which network is in `preprocessing`, under "network". The tutorials take the first 80 % for
    training, in order; of class folders, the first 80 % of each.
    """
    _check(config)
    network, notes = config.network, tuple[str, ...]()
    if network == "auto":
        from handloom.jobs.classifier.automatic import choose_network

        network, notes = choose_network(config, data, report)
    check_scratch(config, network)
    if config.width is not None and config.width % 8:
        raise UserError(f"--width {config.width}: give a multiple of 8")
    if is_pretrained(network):
        images = pretrained.load(replace(config, network=network), data, report)
    else:
        images = load_images(config, data, report, 0.0 if config.preset else config.validation)
    if config.preset and config.network != "lenet":
        images = scratch.first_80_percent(images)
    if config.corrections is not None:
        from handloom.jobs.classifier.corrections import corrected_images

        images = corrected_images(images, Path(config.corrections).expanduser())
    if config.hflip is None and network in ("resnet", "resnet18"):
        from handloom.jobs.classifier.mirror import with_mirrored

        images = with_mirrored(images)
    known = images.preprocessing | {"network": network}
    return replace(images, preprocessing=known, notes=(*images.notes, *notes))


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose what was left open, for the network and the size of the data."""
    config = replace(config, network=data.preprocessing["network"])
    if is_pretrained(config.network):
        return pretrained.resolve(config, data)
    return scratch.resolve(config, data)


def build(config: Resolved, data: DataSet, device: torch.device) -> Built:
    """Networks, objective, sources and optimizer, as stages."""
    if is_pretrained(config.network):
        return pretrained.build(config, data, device)
    return scratch.build(config, data, device)


def networks(record: Record) -> dict[str, nn.Module]:
    """The network of a finished run, from its config.json."""
    sizes = record["network"]
    if sizes["kind"] == "transferred":
        return {"network": pretrained.network(sizes)}
    return {"network": scratch.network(sizes)}


def follow(record: LentRecord, path: Path) -> Options:
    """The network of a run of another job, for a training that begins with its weights."""
    sizes = record["network"]
    if sizes["kind"] not in SCRATCH:
        raise UserError(
            f"--from {path}: its network began as {sizes['encoder']}, and a classifier computes "
            "the features of such a network once, before weights are copied: train simclr with "
            "--network resnet, or write its vectors with 'handloom embed'"
        )
    return {
        "network": sizes["kind"],
        "width": sizes["width"],
        "size": sizes["size"][0],
        "norm_first": sizes.get("norm_first", False),
    }


def _meant(network: str) -> str:
    """The end of the error for a network that there is not: what was probably meant."""
    from handloom.encoders import with_library
    from handloom.wording import nearest

    if (Path(network) / "config.json").is_file():
        return f"it is a run, whose weights a training begins with by --from {network}"
    near = (with_library(network) if network else None) or nearest(network, SCRATCH)
    if near is not None:
        return f"did you mean '{near}'?"
    return f"give auto, timm:NAME, torchvision:NAME or {', '.join(SCRATCH)}"


def _check(config: Config) -> None:
    """Raises UserError for options that do not go together."""
    network = config.network
    if network not in (*SCRATCH, "auto") and not is_pretrained(network):
        raise UserError(f"there is no network '{network}': {_meant(network)}")
    if config.preset and network not in TUTORIAL:
        raise UserError(
            f"--preset tutorial: there is no tutorial for {network}; choose --network "
            f"{' or '.join(TUTORIAL)}, or leave --preset out"
        )
    if config.sampler == "balanced" and config.class_weights == "balanced":
        raise UserError(
            "--sampler balanced and --class-weights balanced both make up for unequal "
            "classes, and together overdo it: give one of them"
        )
