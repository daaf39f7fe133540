"""Named sets: found by name, downloaded if absent, and read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.data.images.named.catalog import CATALOG
from handloom.data.io.fetch import fetch
from handloom.data.io.names import Place, canonical, nearest_path, resolve
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import data_folder
from handloom.errors import UserError
from handloom.wording import spelled_alike

if TYPE_CHECKING:
    from handloom.data.images.unpacked import Splits


def place_of(data: str | Path) -> Place:
    """Which data are meant: a set of the catalog, or a path. Raises UserError for an empty one."""
    return resolve(data, CATALOG)


def set_names() -> tuple[str, ...]:
    """The names of the built-in sets of images."""
    return tuple(CATALOG)


def named(data: str) -> str | None:
    """The name in the catalog that is meant, or None. Raises UserError for an empty argument."""
    return place_of(data).name


def is_array_set(name: str) -> bool:
    """Whether a named set comes as arrays of small images."""
    return CATALOG[name].read is not None


def located(name: str, report: ReportProgress | None) -> Path:
    """The folder of a named set, after downloading what is missing of it. Raises UserError."""
    entry = CATALOG[name]
    folder = data_folder() / entry.folder
    for remote in entry.remotes:
        fetch(remote, folder, report)
    return folder if entry.read else folder / entry.remotes[0].unpacks


def read_arrays(name: str, folder: Path) -> Splits | None:
    """The splits of a named set that comes as arrays, None for one of class folders."""
    entry = CATALOG[name]
    if entry.read is None:
        return None
    if not entry.is_slow:
        return entry.read(folder)
    from handloom.data.images.unpacked import unpacked

    places = [folder / remote.unpacks for remote in entry.remotes]
    return unpacked(name, places, partial(entry.read, folder))


def unknown(data: str) -> UserError:
    """The error for something that is neither a name nor a path."""
    if canonical(data) in CATALOG:  # written as a path, as in ./digits
        name = canonical(data)
        return UserError(f"'./{data}' does not exist: the built-in set is '{name}', without './'")
    meant = [f"'{name}'" for name in (nearest_path(data), spelled_alike(data, CATALOG)) if name]
    guess = f"did you mean {' or '.join(meant)}? " if meant else ""
    return UserError(
        f"'{data}' is neither a file, a folder nor a named set: {guess}"
        f"names are {', '.join(CATALOG)}"
    )
