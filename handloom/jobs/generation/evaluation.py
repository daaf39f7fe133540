"""What evaluating an autoencoder and a VAE share: which images, and what is saved."""

from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from handloom.data.images.dataset import Images
from handloom.data.images.named.catalog import CATALOG
from handloom.data.images.named.sets import named
from handloom.data.io.storage import data_folder
from handloom.division.sample import others, sample_rows
from handloom.errors import UserError
from handloom.jobs.generation.latents import encode_images
from handloom.jobs.generation.records import AutoencodingEvaluation, GenerationRecord
from handloom.jobs.images.data import ImageReadingOptions, own_data
from handloom.jobs.images.evaluation_data import EvaluationData, evaluation_data, own_labels
from handloom.jobs.loading import Loaded

AutoencodingT = TypeVar("AutoencodingT", bound=AutoencodingEvaluation)
LATENTS, IMAGES = 5_000, 64  # saved with a run


def evaluated(
    run: Loaded[GenerationRecord], data: str | None, options: ImageReadingOptions | None = None
) -> EvaluationData:
    """The run's own unseen images, or other data: test, else validation, else all of them.

    Labels are read where there are any. Raises UserError where there are no images, and for a
    conditional run where there are no labels.
    """
    return evaluation_data(run, data, options, True if run.config.get("conditional") else None)


def recorded(run: Loaded[GenerationRecord], of: type[AutoencodingT]) -> AutoencodingT | None:
    """The evaluation that was recorded after training, if the run's data are missing or changed;
    None if they are there. Raises UserError if there is neither. of: its type."""
    reason = _missing(run)
    if reason is None:
        return None
    evaluation = run.evaluation(of)
    if evaluation is None:
        raise UserError(
            f"{reason}, and the run has no recorded evaluation: name other images, as in "
            f"'handloom evaluate {run.directory.path} FOLDER'"
        )
    evaluation["recorded"], evaluation["reason"] = True, reason
    return evaluation


def labels(run: Loaded[GenerationRecord], images: Images) -> Tensor | None:
    """Labels in the numbering of a conditional run; None for any other run."""
    if not run.config["conditional"]:
        return None
    if images.label is None:
        raise UserError(
            "the run is conditional, and these images have no labels: give images with labels"
        )
    return own_labels(run, images)


def save_reference(run: Loaded[GenerationRecord], images: Images) -> None:
    """Write reference.safetensors: latents, labels and some images, for use without the data.

    The images are the first of those whose latents and labels are saved.
    """
    rows, label = _saved_rows(images), labels(run, images)
    latent = encode_images(
        run.networks["encoder"],
        images.image[rows],
        None if label is None else label[rows],
        run.precision,
    ).mean
    tensors = {"latent": latent, "image": images.image[rows[:IMAGES]]}
    if images.label is not None:
        tensors["label"] = images.label[rows]
    run.directory.write_reference(tensors)


def _saved_rows(images: Images) -> Tensor:
    """At most LATENTS rows, the first IMAGES of which stand for all: those of a folder are in the
    order of their classes."""
    rows = sample_rows(len(images), LATENTS, images.label)
    label = None if images.label is None else images.label[rows]
    shown = sample_rows(len(rows), IMAGES, label)
    return torch.cat([rows[shown], rows[others(len(rows), shown)]])


def _missing(run: Loaded[GenerationRecord]) -> str | None:
    """Why the run's data cannot be evaluated; None if they can."""
    data = run.config["data"]
    if not _is_here(data):
        return f"the data {data} are not on this machine"
    try:
        own_data(run)
    except UserError as error:
        return str(error)
    return None


def _is_here(data: str) -> bool:
    """Whether data are on this machine; downloads nothing."""
    name = named(data)
    if name is None:
        return Path(data).exists()
    folder = data_folder() / CATALOG[name].folder
    return all((folder / remote.unpacks).exists() for remote in CATALOG[name].remotes)
