"""What an argument for data means: a built-in set, or a file or folder; and where that is now."""

import os
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import NamedTuple

from handloom.errors import UserError
from handloom.wording import spelled_alike

NUMBER = re.compile(r"\d+")
MOST_NAMES = 10_000  # of a folder, among which one that is spelled alike is looked for
MOST_ANCESTORS = 6  # folders above a run that are searched for data moved along with it


class Place(NamedTuple):
    """A built-in set by its `name`, or a `path`; the other is None.

    `note` is a sentence to show where both exist, else None.
    """

    name: str | None
    path: Path | None
    note: str | None = None


def resolve(data: str | Path, builtin: Iterable[str]) -> Place:
    """Which data are meant, by one rule for images and texts.

    A bare name (`digits`, `Fashion_MNIST`) is the built-in set of that name, even where a file or
    folder of that name lies here; anything written as a path (`./digits`, `data/digits`, a Path) is
    a path. A path need not exist. Raises UserError for an empty argument, which an unset shell
    variable makes of `"$DATA"` and which would otherwise mean the working directory.
    """
    if isinstance(data, Path):
        return Place(None, data.expanduser())
    if not data.strip():
        raise UserError(
            "the name of the data is empty (an unset variable?): give a folder, a file or a name; "
            "'.' is the working directory"
        )
    name = canonical(data)
    if name in builtin:
        here = Path(data).exists()
        note = f"'{data}' is the built-in set; './{data}' is the one in this folder"
        return Place(name, None, note if here else None)
    return Place(None, Path(data).expanduser())


def absent(given: str | Path, remedy: str) -> UserError:
    """The error for a path that does not exist, or is no file: the one probably meant, a remedy."""
    path = Path(given).expanduser()
    if path.exists():
        what = "a folder" if path.is_dir() else "not a plain file"
        return UserError(f"'{given}' is {what}, where one file is wanted: {remedy}")
    near = nearest_path(given)
    hint = remedy if near is None else f"did you mean '{near}'?"
    return UserError(f"'{given}' does not exist: {hint}")


def nearest_path(given: str | Path) -> str | None:
    """A path that exists and differs from one that does not in the spelling of one of its names."""
    path = Path(given).expanduser()
    try:
        above = next(place for place in path.parents if place.is_dir())
        name, *rest = path.relative_to(above).parts
        with os.scandir(above) as entries:
            names = [entry.name for entry in islice(entries, MOST_NAMES)]
    except (OSError, ValueError, StopIteration):  # no permission, a name that cannot be
        return None
    near = _nearest_file(name, [other for other in names if not other.startswith(".")])
    if near is None or not above.joinpath(near, *rest).exists():
        return None
    meant = above.joinpath(near, *rest)
    return f"./{meant}" if len(meant.parts) == 1 else str(meant)


def _nearest_file(typed: str, names: Sequence[str]) -> str | None:
    """The file whose name is spelled alike, whatever its ending; not one with other numbers, which
    is another file of a series."""
    wanted = PurePath(typed)
    same = [name for name in names if NUMBER.findall(name) == NUMBER.findall(typed)]
    same.sort(key=lambda name: PurePath(name).suffix == wanted.suffix)  # of equal stems its own
    stems = {PurePath(name).stem: name for name in same}
    near = spelled_alike(wanted.stem, stems)
    return None if near is None else stems[near]


def canonical(name: str) -> str:
    """A name as built-in sets are written: small letters, dashes."""
    return name.lower().replace("_", "-")


def relative_to_run(data: str | Path, run: Path) -> str:
    """The way from a run directory to its data, to be recorded beside the absolute path; that path
    itself where there is no way, from one drive of Windows to another."""
    return way(Path(data).resolve(), run.resolve())


def way(target: Path, start: Path) -> str:
    """The way from a folder to a path, both whole, with slashes, so that it holds on other systems;
    that path itself from one drive of Windows to another."""
    try:
        return Path(os.path.relpath(target, start)).as_posix()
    except ValueError:
        return str(target)


def locate(recorded: str, run: Path, relative: str | None = None) -> Path | None:
    """Where the data of a run lie now, or None.

    Tried in turn: `relative`, the recorded way from the run to the data, so that a run and its data
    can be moved or copied together; the recorded absolute path; and, for runs moved to another
    depth, the ends of that path below the folders above the run, longest first. Whether the content
    is still the same is for the caller to check, by fingerprint.
    """
    if relative is not None and (run / relative).exists():
        return (run / relative).resolve()
    if Path(recorded).exists():
        return Path(recorded)
    folders = Path(recorded).parts[1:]
    for above in list(run.resolve().parents)[:MOST_ANCESTORS]:
        for start in range(len(folders)):
            place = above.joinpath(*folders[start:])
            if place.exists():
                return place
    return None
