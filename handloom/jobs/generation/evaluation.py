"""What evaluating an autoencoder and a VAE share: which images, and what is saved."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from handloom.data.images import load as load_images
from handloom.data.images.catalog import CATALOG
from handloom.data.images.dataset import Images
from handloom.data.images.named import named
from handloom.data.io.storage import data_folder
from handloom.errors import UserError
from handloom.jobs.generation import autoencoding as coding
from handloom.jobs.generation.latents import encode_images
from handloom.jobs.loading import Loaded

LATENTS, IMAGES = 5_000, 64  # saved with a run


class EvaluationData(NamedTuple):
    """The images of an evaluation.

    train: the training images, where the run's own data are evaluated.
    """

    data: str
    split: str
    images: Images
    train: Images | None


def evaluation_data(run: Loaded, data: str | None) -> EvaluationData:
    """The run's own unseen images, or other data. Raises UserError where there are none."""
    if data is None:
        return _own(run)
    shape = run.config["preprocessing"]
    settings: dict[str, Any] = dict(
        size=shape["size"][0], channels=shape["channels"], validation=0.0
    )
    try:
        found = load_images(data, labelled=True, **settings)
    except UserError:
        if run.config["conditional"]:
            raise
        found = load_images(data, labelled=False, **settings)
    if found.fingerprint == run.config["fingerprint"]:
        return _own(run, data)
    if found.train.size != tuple(shape["size"]):
        raise UserError(
            f"the images of {data} are {found.train.size[1]}x{found.train.size[0]} pixels, those "
            f"of the run {shape['size'][1]}x{shape['size'][0]}: give images of that size"
        )
    if found.test is not None:
        return EvaluationData(data, "test", found.test, None)
    return EvaluationData(data, "all", found.train, None)


def recorded(run: Loaded) -> dict[str, Any] | None:
    """The evaluation that was recorded after training, if the run's data are missing or changed;
    None if they are there. Raises UserError if there is neither."""
    reason = _missing(run)
    if reason is None:
        return None
    evaluation = run.directory.evaluation()
    if evaluation is None:
        raise UserError(
            f"{reason}, and the run has no recorded evaluation: name other images, as in "
            f"'handloom evaluate {run.directory.path} FOLDER'"
        )
    return evaluation | {"recorded": True, "reason": reason}


def labels(run: Loaded, images: Images) -> Tensor | None:
    """Labels in the numbering of a conditional run; None for any other run."""
    if not run.config["conditional"]:
        return None
    if images.label is None:
        raise UserError(
            "the run is conditional, and these images have no labels: give images with labels"
        )
    known = {name: i for i, name in enumerate(run.config["classes"])}
    unknown = [name for name in images.classes if name not in known]
    if unknown:
        raise UserError(
            f"class '{unknown[0]}' is not one of the run's: rename it to one of "
            f"{', '.join(known)}, or leave it out"
        )
    return torch.tensor([known[name] for name in images.classes])[images.label]


def save_reference(run: Loaded, images: Images) -> None:
    """Write reference.safetensors: latents, labels and some images, for use without the data."""
    rows = slice(0, LATENTS)
    label = labels(run, images)
    latent = encode_images(
        run.networks["encoder"],
        images.image[rows],
        None if label is None else label[rows],
        run.precision,
    ).mean
    tensors = {"latent": latent, "image": images.image[:IMAGES]}
    if images.label is not None:
        tensors["label"] = images.label[rows]
    run.directory.write_reference(tensors)


def _own(run: Loaded, place: str | None = None) -> EvaluationData:
    """The run's own data, read from `place` if given."""
    config = run.job.config(**run.config["options"])
    data = run.job.load(config, place or run.data, lambda *_: None)
    if data.fingerprint != run.config["fingerprint"]:
        raise UserError(_changed(run))
    parts = coding.splits(data)
    for name in ("test", "valid"):
        if name in parts:
            return EvaluationData(run.config["data"], name, parts[name], data.train)
    raise UserError(f"{run.config['data']} has no test or validation split: name other images")


def _missing(run: Loaded) -> str | None:
    """Why the run's data cannot be evaluated; None if they can."""
    data = run.config["data"]
    if not _is_here(data):
        return f"the data {data} are not on this machine"
    try:
        _own(run)
    except UserError as error:
        return str(error)
    return None


def _changed(run: Loaded) -> str:
    return f"the data at {run.config['data']} are not those the run was trained on"


def _is_here(data: str) -> bool:
    """Whether data are on this machine; downloads nothing."""
    name = named(data)
    if name is None:
        return Path(data).exists()
    folder = data_folder() / CATALOG[name].folder
    return all((folder / remote.unpacks).exists() for remote in CATALOG[name].remotes)
