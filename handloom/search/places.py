"""Where an index lies, and which images it is an index of."""

import os
from pathlib import Path

from handloom.data.io.names import absent, way
from handloom.data.io.table import is_table
from handloom.errors import UserError
from handloom.search.schema import is_index

SUFFIX = ".index"


def store_beside(data: Path) -> Path:
    """The folder of the index of a folder, a table or a text file: photos.index beside photos."""
    whole = data.expanduser().resolve()
    is_named = whole.is_dir() or not (is_table(whole) or whole.suffix == ".txt")
    name = whole.name if is_named else whole.name.partition(".")[0]
    return whole.parent / f"{name}{SUFFIX}"


def index_of(given: str | Path) -> Path:
    """The folder of the index that is meant: itself, or that of the images that are named."""
    path = Path(given).expanduser()
    if is_index(path):
        return path
    beside = store_beside(path)
    if is_index(beside):
        return shortest(beside)
    if not path.exists():
        raise absent(given, "give an index, or the images that it is of")
    if path.is_dir() or is_table(path) or path.suffix == ".txt":
        raise UserError(
            f"'{given}' is not an index, and has none beside it ('{shortest(beside)}'): make one "
            f"with 'handloom index {given}', or name the store"
        )
    raise UserError(f"'{given}' is a file, not an index: give the folder of an index, or of images")


def names_index(given: str) -> bool:
    """Whether `index_of` would find an index."""
    path = Path(given).expanduser()
    return is_index(path) or (path.exists() and is_index(store_beside(path)))


def recorded(root: Path, store: Path) -> str:
    """The root of a collection as an index keeps it: relative, so that both can move together."""
    return way(root.resolve(), store.resolve())


def root_of(recorded: str, store: Path) -> Path:
    """The root of a collection, from what an index kept."""
    return Path(os.path.normpath(store.resolve() / recorded))


def shown(root: Path, path: str) -> str:
    """An image as a person can open it from here."""
    whole = root / path
    return str(shortest(whole))


def shortest(path: Path) -> Path:
    """A path relative to the current folder where it lies below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
