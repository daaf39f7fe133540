"""What evaluating an autoencoder and a VAE have in common: which images, and what is kept."""

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
from handloom.jobs.generation.latents import codes_of
from handloom.jobs.loading import Loaded

KEPT, SHOWN = 5_000, 64  # codes and images that stay with a run


class Judged(NamedTuple):
    """What an evaluation looks at.

    train: the training images, where the run's own data are judged.
    """

    data: str
    split: str
    images: Images
    train: Images | None


def judged(run: Loaded, data: str | None) -> Judged:
    """The run's own unseen images, or those of other data. Raises UserError without any."""
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
            f"the images of {data} are {found.train.size[1]}x{found.train.size[0]} and the run's "
            f"{shape['size'][1]}x{shape['size'][0]}: give images of that shape"
        )
    if found.test is not None:
        return Judged(data, "test", found.test, None)
    return Judged(data, "all", found.train, None)


def recorded(run: Loaded) -> dict[str, Any] | None:
    """The evaluation of the run's last day of training, where its data are not at hand; None where
    they are. Raises UserError where there is neither."""
    reason = _missing(run)
    if reason is None:
        return None
    found = run.directory.evaluation()
    if found is None:
        raise UserError(
            f"{reason}, and the run was never evaluated: name images, as in "
            f"'handloom evaluate {run.directory.path} FOLDER'"
        )
    return found | {"recorded": True, "reason": reason}


def labels(run: Loaded, images: Images) -> Tensor | None:
    """Labels in the run's own numbering where its networks ask for them."""
    if not run.config["conditional"]:
        return None
    if images.label is None:
        raise UserError("the run is conditional and these images have no labels: give labels")
    known = {name: i for i, name in enumerate(run.config["classes"])}
    strange = [name for name in images.classes if name not in known]
    if strange:
        raise UserError(
            f"class '{strange[0]}' is unknown to the run, which has "
            f"{', '.join(known)}: rename it or leave it out"
        )
    return torch.tensor([known[name] for name in images.classes])[images.label]


def keep(run: Loaded, images: Images) -> None:
    """Write reference.safetensors: codes, labels and some images, for work without the data."""
    rows = slice(0, KEPT)
    label = labels(run, images)
    codes = codes_of(
        run.networks["encoder"],
        images.image[rows],
        None if label is None else label[rows],
        run.precision,
    )
    found = {"code": codes, "image": images.image[:SHOWN]}
    if images.label is not None:
        found["label"] = images.label[rows]
    run.directory.write_reference(found)


def _own(run: Loaded, place: str | None = None) -> Judged:
    """The run's own data, at `place` where they are elsewhere by now."""
    config = run.job.config(**run.config["options"])
    data = run.job.load(config, place or run.data, lambda *_: None)
    if data.fingerprint != run.config["fingerprint"]:
        raise UserError(_changed(run))
    parts = coding.splits(data)
    for name in ("test", "valid"):
        if name in parts:
            return Judged(run.config["data"], name, parts[name], data.train)
    raise UserError(f"{run.config['data']} has no test or validation split: name other data")


def _missing(run: Loaded) -> str | None:
    """Why the run's data cannot be judged here; None where they can."""
    data = run.config["data"]
    if not _is_here(data):
        return f"the data {data} are not on this machine"
    try:
        _own(run)
    except UserError as error:
        return str(error)
    return None


def _changed(run: Loaded) -> str:
    return f"the data at {run.config['data']} are no longer those the run was trained on"


def _is_here(data: str) -> bool:
    """Whether data lie on this machine, without downloading any."""
    name = named(data)
    if name is None:
        return Path(data).exists()
    folder = data_folder() / CATALOG[name].folder
    return all((folder / remote.unpacks).exists() for remote in CATALOG[name].remotes)
