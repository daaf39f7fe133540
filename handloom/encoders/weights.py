"""Weights of encoders: where they lie, and whether they are those of the network."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import data_folder
from handloom.encoders.encoder import Architecture, LoadedWeights
from handloom.errors import UserError

REMEDY = "connect once, or give a file with --weights ('handloom fetch' brings one from elsewhere)"
SUFFIXES = (".safetensors", ".pth")
COUNTERS = "num_batches_tracked"  # of batch norms, which old files lack and inference never reads


class WeightsAbsent(UserError):  # noqa: N818
    """No weights of a network are here, and none can be had: what a default falls back on.

    reason: the sentence without its remedy, for a verb that has no --weights.
    """

    def __init__(self, reason: str, remedy: str = REMEDY) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason


def load_weights(
    architecture: Architecture, spec: str, given: Path | None, report: ReportProgress | None
) -> str:
    """Gives the network its weights; returns where they came from, for a person to read.

    Tried in turn: the file `given`; NAME.safetensors or NAME.pth in $HANDLOOM_DATA/weights; what
    was published, from the cache of its library or downloaded into it. Raises UserError for weights
    that are damaged or another network's, and WeightsAbsent where there are none.
    """
    assert architecture.published is not None
    path = given or kept(spec.partition(":")[2]) or architecture.published(report)
    read = architecture.read(path) if given is not None else _read_again(path, architecture, spec)
    architecture.holder.load_state_dict(checked(read.state, architecture, spec, path))
    return read.source


def kept(name: str) -> Path | None:
    """A file named like the network in $HANDLOOM_DATA/weights, for machines without a network."""
    if "/" in name:  # a folder, or a repository of the hub
        return None
    places = (data_folder() / "weights" / f"{name}{suffix}" for suffix in SUFFIXES)
    return next((place for place in places if place.is_file()), None)


def _read_again(path: Path, architecture: Architecture, spec: str) -> LoadedWeights:
    """A file that nobody named: what is wrong with it is mended by having it anew."""
    try:
        return architecture.read(path)
    except UserError:
        raise UserError(
            f"the weights of {spec} in {path} are damaged: remove that file and try again, or give "
            "others with --weights"
        ) from None


def checked(
    state: dict[str, Tensor], architecture: Architecture, spec: str, path: Path
) -> dict[str, Tensor]:
    """The weights without those of the head, in the network's layout; a UserError if others."""
    known = architecture.holder.state_dict()
    reasons = []
    for candidate in (state, architecture.converted(state)):
        body = _without(candidate, architecture.head)
        body |= {key: value for key, value in known.items()
                 if key.endswith(COUNTERS) and key not in body}  # fmt: skip
        difference = _difference(known, body)
        if difference is None:
            return _finite(body, path)
        reasons.append(difference)
    raise UserError(
        f"{path} does not hold the weights of {spec} ({reasons[0]}): give a file of that network, "
        "or name the network the file belongs to"
    )


def _without(state: Mapping[str, Tensor], head: frozenset[str]) -> dict[str, Tensor]:
    return {key: value for key, value in state.items() if key not in head}


def _difference(known: Mapping[str, Tensor], body: Mapping[str, Tensor]) -> str | None:
    """What is missing, of another shape or too much, in a few words; None if all agrees."""
    missing = [key for key in known if key not in body]
    if missing:
        return f"{_first(missing)} missing"
    for key, value in known.items():
        if value.shape != body[key].shape:
            here, there = _shape(body[key]), _shape(value)
            return f"{key} is {here}, and {there} in the network"
    unexpected = [key for key in body if key not in known]
    return f"{_first(unexpected)} not in the network" if unexpected else None


def _first(keys: list[str]) -> str:
    more = len(keys) - 1
    return f"{keys[0]} and {more:,} more are" if more else f"{keys[0]} is"


def _shape(value: Tensor) -> str:
    return "x".join(map(str, value.shape)) or "one number"


def _finite(body: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    for key, value in body.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise UserError(f"{path} is damaged ({key} is not finite): give another file")
    return body
