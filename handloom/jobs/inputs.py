"""Images a person names on the command line: files, folders, tables, named sets."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from handloom.data.images import load
from handloom.data.images.dataset import Images
from handloom.data.images.decode import decode
from handloom.data.images.named import named
from handloom.data.io.table import is_table
from handloom.errors import UserError
from handloom.jobs.loading import Loaded


@dataclass(frozen=True)
class Inputs:
    """Images as the run sees them, uint8 (N, H, W, C), what each is called, and its class where
    it is known."""

    image: Tensor
    names: tuple[str, ...]
    labels: tuple[str | None, ...]


def read(run: Loaded, inputs: Iterable[str]) -> Inputs:
    """All that is named, in order; of a set with a test split that split alone.

    Raises UserError for what does not exist or is no image.
    """
    found = [_one(run, given) for given in inputs]
    return Inputs(
        torch.cat([one.image for one in found]),
        tuple(name for one in found for name in one.names),
        tuple(label for one in found for label in one.labels),
    )


def _one(run: Loaded, given: str) -> Inputs:
    path = Path(given)
    if path.is_file() and not is_table(path):
        return Inputs(decode(path, run.config["preprocessing"])[None], (given,), (None,))
    if not path.exists() and named(given) is None:
        raise UserError(
            f"'{given}' does not exist: give an image, a folder, a table, or a name such as digits"
        )
    images = _set(run, given)
    labels: tuple[str | None, ...] = (None,) * len(images)
    if images.label is not None:
        labels = tuple(images.classes[label] for label in images.label.tolist())
    return Inputs(images.image, images.names, labels)


def _set(run: Loaded, given: str) -> Images:
    shape = run.config["preprocessing"]
    size, channels = shape["size"][0], shape["channels"]
    try:
        found = load(given, size=size, channels=channels, validation=0.0)
    except UserError:
        found = load(given, size=size, channels=channels, validation=0.0, labelled=False)
    return found.test if found.test is not None else found.train
