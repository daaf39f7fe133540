"""The encoders that are compared: what is at hand, what a user names, and what can be trained."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.jobs.images.encoding import find_encoder, is_run
from handloom.runs.directory import RunDirectory
from handloom.search.vectors import DEFAULT, PIXELS
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.encoders import Encoder
    from handloom.jobs.job import Job

AT_HAND = (PIXELS, DEFAULT, "clip:ViT-B-32")
FEW = 0.01  # share of the images whose labels may have been learned without being worth a remark


class Candidate(NamedTuple):
    """An encoder that is ready. minutes, flattered: as in `records.Measured`."""

    name: str
    encoder: "Encoder"
    minutes: float | None = None
    flattered: str | None = None


def opened(
    named: Sequence[str],
    weights: Sequence[str],
    digests: Sequence[str],
    device: str,
    display: "Display",
) -> tuple[list[Candidate], list[tuple[str, str]]]:
    """Those at hand and those that a user names, and (name, reason) of what is not to be had.

    digests: of the images that are compared, by which those that a run has learned are known.
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
    asked = [_opened(spec, files.get(spec), digests, device) for spec in dict.fromkeys(named)]
    at_hand, absent = list[Candidate](), list[tuple[str, str]]()
    for spec in AT_HAND:
        try:
            if spec not in named:
                at_hand.append(_opened(spec, None, digests, device))
        except UserError as error:
            display.note(f"{spec} is left out: {error}")
            absent.append((spec, str(error)))
    return [*at_hand, *asked], absent


def _opened(spec: str, weights: Path | None, digests: Sequence[str], device: str) -> Candidate:
    encoder = find_encoder(spec, weights, device)
    if not is_run(spec):
        return Candidate(spec, encoder)
    return Candidate(spec, encoder, _minutes(Path(spec)), flattered(Path(spec), digests))


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
    from handloom.jobs.training import lifecycle

    if (place / "config.json").is_file():
        directory = lifecycle.resume(place, display)
    else:
        known = {field.name for field in dataclasses.fields(job.config)}
        options = {name: value for name, value in reading.items() if name in known}
        options |= {"minutes": minutes}
        directory = lifecycle.train(job.name, data, options, display, place)
    if directory.status()["status"] != "finished":
        return None
    return _opened(str(directory.path), None, [], "auto")  # it has learned no labels


def _minutes(path: Path) -> float | None:
    """That a run was trained for."""
    lines = RunDirectory.open(path).metrics()
    return lines[-1]["seconds"] / 60 if lines else None


def flattered(path: Path, digests: Sequence[str]) -> str | None:
    """Why the figures of a run on images of these contents are not to be compared with those of
    others: it, or one that its weights began as, learned their labels, wherever they lay then."""
    seen, start, known = set[str](), str(path), set[int]()
    while start and start not in seen and (Path(start) / "config.json").is_file():
        seen.add(start)
        run = RunDirectory.open(Path(start))
        config = run.config()
        learned, job = run.learned(), find_job(config["job"])
        if learned is not None and job.learns_labels(job.recorded(config["options"])):
            known |= {row for row, digest in enumerate(digests) if digest and digest in learned}
        start = config.get("from_run") or config["options"].get("network") or ""
    count = len(known)
    if count <= FEW * len(digests):
        return None
    some = "" if count == len(digests) else f"{count:,} of these {len(digests):,} images"
    return f"trained on the labels of {some or 'these images'}"
