"""The folder a page was opened on: what is in it, and that nothing outside of it is reached."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from handloom.errors import UserError
from handloom.studio.links import leading_out

CONFIG, INDEX = "config.json", "index.sqlite"
DEEPEST = 8  # folders below each other that are looked into
SKIPPED = {"node_modules", "__pycache__", "site-packages", "checkpoint", "samples"}


class Seen(NamedTuple):
    """A folder as it was when it was last read."""

    changed: int  # ns
    folders: tuple[str, ...]
    is_run: bool
    is_index: bool


class Folder:
    """Runs and indexes below `root`. further: other folders whose data may be read.

    Folders whose time of change is as before are not read again. Links are not followed.
    """

    def __init__(self, root: Path, further: Iterable[Path] = ()) -> None:
        self.root = _folder(root)
        self.further = tuple(_folder(path) for path in further)
        self.places = [str(path) for path in (self.root, *self.further)]
        self._seen: dict[str, Seen] = {}
        self.runs: list[str] = []
        self.indexes: list[str] = []

    def look(self) -> None:
        """Bring `runs` and `indexes`, names with slashes, up to date."""
        seen: dict[str, Seen] = {}
        self._walk(str(self.root), 0, seen)
        self._seen = seen
        names = {path: os.path.relpath(path, self.root).replace(os.sep, "/") for path in seen}
        self.runs = [names[path] for path, entry in seen.items() if entry.is_run]
        self.indexes = sorted(names[path] for path, entry in seen.items() if entry.is_index)

    def run(self, name: str) -> Path:
        """The directory of a run by its name. Raises UserError for any other place."""
        return self._named(name, CONFIG, "run")

    def index(self, name: str) -> Path:
        """The folder of an index by its name. Raises UserError for any other place."""
        return self._named(name, INDEX, "index")

    def data(self, typed: str) -> Path:
        """A file or folder of data, relative to the root or in full, that may be read."""
        try:
            path = (self.root / Path(typed).expanduser()).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            raise UserError(
                f"'{typed}' does not exist: give a path below {self.root}, or the name of a "
                "built-in set"
            ) from None
        self.check(path)
        return path

    def check(self, path: Path) -> None:
        """Raises UserError for a path that, all links followed, lies outside of what is open."""
        whole = path.resolve()
        if not self._holds(whole):
            raise UserError(
                f"'{path}' lies outside of {self.root}: open the studio with --data "
                f"{whole.parent if whole.is_file() else whole} to read it"
            )

    def check_links(self, path: Path) -> None:
        """Raises UserError for data with a link to outside of what is open, at any depth."""
        link = leading_out(path, self._holds)
        if link is not None:
            self.check(link)

    def check_data(self, run: Path, config: Mapping[str, Any]) -> None:
        """Raises UserError where the data of a run, or those beside it, lie outside: a run may come
        from anybody, and name any place."""
        named = [(self.root, part) for part in str(config.get("data", "")).split("\n")]
        named += [(run, part) for part in str(config.get("data_from_run", "")).split("\n") if part]
        for base, part in named:
            if (base / part).exists():
                self.check(base / part)
                self.check_links(base / part)

    def file(self, run: str, name: str, suffixes: Iterable[str]) -> Path:
        """A file of a run, by its name inside the run. Raises UserError for any other."""
        path = self._inside(self.run(run), name)
        if path.suffix.lower() not in suffixes or not path.is_file():
            raise UserError(f"'{run}' has no file '{name}' that is shown")
        return path

    def _holds(self, whole: Path) -> bool:
        return any(whole.is_relative_to(place) for place in (self.root, *self.further))

    def _named(self, name: str, mark: str, what: str) -> Path:
        path = self._inside(self.root, name)
        if not (path / mark).is_file():
            raise UserError(f"there is no {what} '{name}' in {self.root}")
        with os.scandir(path) as entries:
            for entry in entries:
                self._check_entry(name, entry)
        return path

    def _check_entry(self, name: str, entry: "os.DirEntry[str]") -> None:
        """A file of a run may be a link to anywhere, and reading a pipe would never end."""
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root):
            raise UserError(f"'{name}/{entry.name}' is a link to outside of {self.root}")
        if not (entry.is_file() or entry.is_dir() or entry.is_symlink()):
            raise UserError(f"'{name}/{entry.name}' is neither a file nor a folder: remove it")

    def _inside(self, base: Path, name: str) -> Path:
        if name != "." and not _is_plain(name):
            raise UserError(f"'{name[:100]}' is not the name of something in {self.root}")
        path = (base / name).resolve()
        if not path.is_relative_to(self.root):
            raise UserError(f"'{name}' lies outside of {self.root}")
        return path

    def _walk(self, path: str, depth: int, seen: dict[str, Seen]) -> None:
        try:
            changed = os.stat(path).st_mtime_ns
            known = self._seen.get(path)
            if known is None or known.changed != changed:
                known = _read(path, changed)
        except OSError:  # gone, or not ours to read
            return
        seen[path] = known
        if depth < DEEPEST:
            for name in known.folders:
                self._walk(os.path.join(path, name), depth + 1, seen)


def _is_plain(name: str) -> bool:
    """Whether a name has only steps down, and so is the only one of its place."""
    steps = all(part not in ("", ".", "..") and "\\" not in part for part in name.split("/"))
    return steps and "\0" not in name and not Path(name).is_absolute() and len(name) <= 1000


def _read(path: str, changed: int) -> Seen:
    folders, is_run, is_index = [], False, False
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name == CONFIG:
                is_run = entry.is_file(follow_symlinks=False)
            elif entry.name == INDEX:
                is_index = entry.is_file(follow_symlinks=False)
            elif _may_hold_runs(entry):
                folders.append(entry.name)
    return Seen(changed, () if is_run or is_index else tuple(sorted(folders)), is_run, is_index)


def _may_hold_runs(entry: "os.DirEntry[str]") -> bool:
    is_odd = entry.name[:1] in "._" or entry.name in SKIPPED
    return not is_odd and entry.is_dir(follow_symlinks=False)


def _folder(path: Path) -> Path:
    whole = path.expanduser().resolve()
    if not whole.is_dir():
        raise UserError(f"'{path}' is not a folder: name one that has runs in it")
    return whole
