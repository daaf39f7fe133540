"""What a path that is given for images is: a folder, a table, IDX files, or a single image.

Nothing is decoded here, and torch is not imported.
"""

import glob
from collections.abc import Iterator
from pathlib import Path

from handloom.data.images.listing.folder import Listing, list_folder
from handloom.data.images.listing.table import list_table
from handloom.data.images.listing.walk import idx_files, is_image
from handloom.data.images.named.sets import place_of, unknown
from handloom.data.images.reading import Reading
from handloom.data.io.names import absent
from handloom.data.io.table import TABLES, is_table
from handloom.errors import UserError


def list_path(path: Path, reading: Reading, labelled: bool, with_strays: bool = False) -> Listing:
    """The image files of a folder or a table; with_strays: as of `list_folder`. Raises UserError,
    for other files too."""
    if path.is_dir():
        return list_folder(path, labelled, reading.splits, with_strays)
    if not is_table(path):
        raise UserError(
            f"'{path}' is a single file: give a folder of images or a table "
            f"({', '.join(TABLES)}) with the columns image,label"
        )
    return list_table(path, labelled, reading)


def array_folder(path: Path) -> Path | None:
    """The folder of IDX files that a path means, itself or its `raw`; None for anything else."""
    folders = (folder for folder in (path, path / "raw") if folder.is_dir())
    return next((folder for folder in folders if idx_files(folder)), None)


def check_exists(path: Path) -> None:
    """Raises UserError, with the name that may have been meant, where there is no such path."""
    if not path.exists():
        raise (
            unknown(str(path))
            if path.parent == Path()
            else absent(path, "give a folder, a table, or a name such as digits")
        )


def expanded(given: str | Path) -> Iterator[str | Path]:
    """The files of a pattern that the shell has not expanded; anything else as it is.

    Raises UserError for what does not exist.
    """
    place = place_of(given)
    if place.path is None or place.path.exists():
        yield given
        return
    matches = sorted(glob.glob(str(place.path))) if glob.has_magic(str(place.path)) else []
    if not matches and is_image(place.path.name):
        raise absent(given, "give an image, a folder, a table, or a name")
    if not matches:
        check_exists(place.path)
    yield from matches


def is_single(given: str | Path) -> bool:
    """Whether one image file is named, not a folder, a table or a set."""
    path = place_of(given).path
    return path is not None and path.is_file() and not is_table(path)
