"""Which options a training does not use: declared here alone, for the note before a training, for
the refusals, for what a page writes out and for reading a run's own data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from handloom.errors import UserError
from handloom.jobs.classification.corrections import CorrectionOptions
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.defaults import SCRATCH, is_pretrained
from handloom.jobs.images.data import ImageDataOptions
from handloom.jobs.options import CommonConfig

OF_ENCODERS = (
    "weights", "tune", "strength", "layer_decay", "frozen", "tune_size", "tuned_share"
)  # fmt: skip
OF_HEADS = {"network", "weights", "tune", "strength", "class_weights", "validation"}
ELSEWHERE = {"patience"}  # answered where it is known what decides the epoch
OF_TUNING = (
    {field.name for field in fields(Config)}
    - {f.name for part in (CommonConfig, ImageDataOptions, CorrectionOptions) for f in fields(part)}
    - OF_HEADS
    - ELSEWHERE
)


def unused(options: Mapping[str, Any]) -> dict[str, str]:
    """Names of the options that a training by these, all of them chosen, does not use, and why."""
    if is_pretrained(options["network"]) and options["tune"] != "all":
        why = "a head alone is solved in closed form on unchanged images; tuning (--tune all) has "
        return dict.fromkeys(sorted(OF_TUNING), why + "steps and augmentation")
    names = {}
    if not is_pretrained(options["network"]):
        why = f"{options['network']} is trained from scratch"
        names = dict.fromkeys(OF_ENCODERS, why)
    if options["network"] not in ("resnet", "resnet18"):
        names["width"] = f"{options['network']} has widths of its own"
    if options["network"] != "resnet":
        names["norm_first"] = f"{options['network']} has an order of its own"
    if options["preset"]:
        names["validation"] = "the tutorials divide their images in their own way"
    if options["optimizer"] == "adamw":
        names["momentum"] = "AdamW has no momentum to set"
    if not options["rand_augment"]:
        names["magnitude"] = "it is of RandAugment, which --rand-augment N asks for"
    return names


def check_scratch(config: Config, network: str) -> None:
    """Raises UserError for options of encoders that are given for a network from scratch.

    network: what `auto` has become, where that was asked for.
    """
    if network not in SCRATCH:
        return
    chosen = ", which --network auto takes for these images," if config.network == "auto" else ""
    for name in OF_ENCODERS:
        if vars(config)[name] is not None:
            raise UserError(
                f"--{name.replace('_', '-')} is for pretrained networks, and {network}{chosen} is "
                "trained from scratch: leave it out, or give --network timm:NAME"
            )
