"""`--from RUN`: a training that begins with the weights of another run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs import JOBS, find_job
from handloom.runs.directory import RunDirectory
from handloom.wording import join_or, with_article

if TYPE_CHECKING:
    from torch import Tensor, nn

    from handloom.jobs.job import Job
    from handloom.jobs.training.stage import Built
    from handloom.runs.records import Options


def beginning(job: Job, path: Path | None, options: Options) -> tuple[RunDirectory | None, Options]:
    """The run of `--from` whose weights are copied, None where there is none, and the options with
    what follows from it. Raises UserError for a run that the job cannot begin with."""
    path, options = encoder_of(job, path, options)
    if path is None:
        return None, options
    start = start_run(job, path)
    return start, followed(job, start, options)


def encoder_of(job: Job, path: Path | None, options: Options) -> tuple[Path | None, Options]:
    """`--from` a run of another job: its encoder becomes the network that an option names.

    Returns what is left of `--from`, None then, and the options. Raises UserError where that option
    is given too.
    """
    if path is None or job.begins_with is None:
        return path, options
    if RunDirectory.open(path).config()["job"] == job.name:
        return path, options
    default = {field.name: field.default for field in fields(job.config)}[job.begins_with]
    if options.get(job.begins_with, default) != default:
        raise UserError(
            f"--from {path} and --{job.begins_with} both say what to begin with: give one of them"
        )
    return None, options | {job.begins_with: str(path)}


def start_run(job: Job, path: Path) -> RunDirectory:
    """The run to begin from: of the same job, or of another where both have a network of images.

    Raises UserError where it is of none of these, or has no networks.
    """
    start = RunDirectory.open(path)
    theirs = find_job(start.config()["job"])
    if theirs.name != job.name and None in (job.image_network, theirs.image_network):
        lending = [find_job(name) for name in JOBS if name != job.name and job.image_network]
        names = [job.name, *(other.name for other in lending if other.image_network)]
        raise UserError(
            f"--from {path}: it is {with_article(theirs.name)} run; give one of the job "
            f"{join_or(names)}"
        )
    start.networks()
    return start


def followed(job: Job, start: RunDirectory, options: Options) -> Options:
    """Options, and what follows from the run to begin from where it is of another job."""
    if start.config()["job"] == job.name or job.follow is None:
        return options
    return job.follow(start.config(), start.path) | options


def start_from(
    job: Job, built: Built, start: RunDirectory, directory: RunDirectory | None = None
) -> str:
    """Copy the weights of another run into the new networks; a sentence says how many.

    Tensors whose name and shape agree are copied, except the normalisation, which belongs to the
    data, and the head, where the classes differ. Raises UserError where nothing agrees; directory:
    a run that is there already, and has then failed.
    """
    saved, their_record = _networks(job, start), start.config()
    _check_order(built.record.get("network"), their_record.get("network"), start)
    same_classes = built.record.get("classes") == their_record.get("classes")
    skipped = ("normalize.",) if same_classes else ("normalize.", "head.")
    experiment = built.experiment
    copied: set[str] = set()
    # The trained networks, and the averaged ones that are kept, which are other modules.
    for networks in (dict(experiment.objective.named_children()), experiment.networks):
        if job.adopt is not None:
            copied |= job.adopt(networks, saved, their_record, built.record)
            continue
        for name, network in networks.items():
            copied |= {f"{name}/{key}" for key in _copy(network, saved.get(name, {}), skipped)}
    if not copied:
        other = their_record["options"].get("network")
        remedy = f"; that run has --network {other}" if other else ""
        reason = (
            f"nothing in {start.path} fits this network: --from needs one of the same kind{remedy}"
        )
        if directory is not None:
            directory.write_status({"status": "failed", "reason": reason})
        raise UserError(reason)
    count = sum(len(network.state_dict()) for network in experiment.networks.values())
    return f"{len(copied)} of {count} tensors begin as in {start.path}"


def _check_order(ours: object, theirs: object, start: RunDirectory) -> None:
    """Weights of a network whose stages have another order fit by their shapes, and compute
    something else. Raises UserError for such a run."""
    mine, other = _norm_first(ours), _norm_first(theirs)
    if mine is not other:
        raise UserError(
            f"--from {start.path}: its network normalises {'before' if other else 'behind'} its "
            f"activations, and this one does not: train a classifier with --norm-first {other}, "
            f"or begin from a run with --norm-first {mine}"
        )


def _norm_first(network: object) -> bool:
    return isinstance(network, Mapping) and bool(network.get("norm_first", False))


def _networks(job: Job, start: RunDirectory) -> dict[str, dict[str, Tensor]]:
    """Saved tensors by network; of a run of another job its network of images, named as here."""
    saved, theirs = start.networks(), find_job(start.config()["job"])
    if theirs.name == job.name or job.image_network is None or theirs.image_network is None:
        return saved
    return {job.image_network: saved[theirs.image_network]}


def _copy(network: nn.Module, saved: dict[str, Tensor], skipped: tuple[str, ...]) -> list[str]:
    """Copy the tensors whose name and shape agree; their names."""
    import torch

    copied = []
    for key, tensor in network.state_dict().items():
        fits = key in saved and saved[key].shape == tensor.shape
        if fits and not key.startswith(skipped):
            with torch.no_grad():
                tensor.copy_(saved[key])
            copied.append(key)
    return copied
