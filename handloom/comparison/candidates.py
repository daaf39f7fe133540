"""The encoders that are compared: what is at hand, what a user names, and what can be trained."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.jobs.encoding import find_encoder, is_run
from handloom.jobs.places import is_place_of
from handloom.runs.directory import RunDirectory
from handloom.search.vectors import DEFAULT, PIXELS
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.encoders import Encoder
    from handloom.jobs.job import Job

AT_HAND = (PIXELS, DEFAULT, "clip:ViT-B-32")
LEARNED_LABELS = "trained on the labels of these images"


class Candidate(NamedTuple):
    """An encoder that is ready. minutes, flattered: as in `records.Measured`."""

    name: str
    encoder: "Encoder"
    minutes: float | None = None
    flattered: str | None = None


def opened(
    named: Sequence[str], weights: Sequence[str], data: str, device: str, display: "Display"
) -> tuple[list[Candidate], list[tuple[str, str]]]:
    """Those at hand and those that a user names, and (name, reason) of what is not to be had.

    weights: a file for each that is named, in order, or none; of the default encoder where none is
    named, as for an index. Raises UserError for one that is
    named and cannot be opened.
    """
    named = named or [DEFAULT][: len(weights)]
    if weights and len(weights) != len(named):
        raise UserError(
            f"--weights names {pluralize(len(weights), 'file')} and --encoder "
            f"{pluralize(len(named), 'encoder')}: give a file for each in order, or none"
        )
    files = {spec: Path(file).expanduser() for spec, file in zip(named, weights, strict=False)}
    asked = [_opened(spec, files.get(spec), data, device) for spec in dict.fromkeys(named)]
    at_hand, absent = list[Candidate](), list[tuple[str, str]]()
    for spec in AT_HAND:
        try:
            if spec not in named:
                at_hand.append(_opened(spec, None, data, device))
        except UserError as error:
            display.note(f"{spec} is left out: {error}")
            absent.append((spec, str(error)))
    return [*at_hand, *asked], absent


def _opened(spec: str, weights: Path | None, data: str, device: str) -> Candidate:
    encoder = find_encoder(spec, weights, device)
    if not is_run(spec):
        return Candidate(spec, encoder)
    return Candidate(spec, encoder, _minutes(Path(spec)), _flattered(Path(spec), data))


def trainable() -> list["Job"]:
    """Jobs that are trained for the sake of their encoder, without labels."""
    return [job for job in map(find_job, JOBS) if job.makes_encoder]


def trained(
    job: "Job", data: str, reading: dict[str, Any], minutes: float, place: Path, display: "Display"
) -> Candidate | None:
    """The encoder of a run at `place`: a finished one, or one that is trained now, or goes on.

    minutes: that a new one is trained for. reading: how folders and tables are read. None where the
    training was interrupted; the next call goes on with it.
    """
    from handloom.jobs import training

    if (place / "config.json").is_file():
        directory = training.resume(place, display)
    else:
        known = {field.name for field in dataclasses.fields(job.config)}
        options = {name: value for name, value in reading.items() if name in known}
        options |= {"minutes": minutes}
        directory = training.train(job.name, data, options, display, place)
    if directory.status()["status"] != "finished":
        return None
    return _opened(str(directory.path), None, data, "auto")


def _minutes(path: Path) -> float | None:
    """That a run was trained for."""
    lines = RunDirectory.open(path).metrics()
    return lines[-1]["seconds"] / 60 if lines else None


def _flattered(path: Path, data: str) -> str | None:
    """Why the figures of a run on these data are not to be compared with those of others: it, or
    one that its weights began as, learned their labels."""
    seen, start = set[str](), str(path)
    while start and start not in seen and (Path(start) / "config.json").is_file():
        seen.add(start)
        config = RunDirectory.open(Path(start)).config()
        learned = find_job(config["job"]).learns_labels(config["options"])
        if learned and is_place_of(config, data):
            return LEARNED_LABELS
        start = config.get("from_run") or config["options"].get("network") or ""
    return None
