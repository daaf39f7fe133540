"""Where the files named in a table lie."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from handloom.data.images.listing.walk import is_image
from handloom.data.io.splits import split_of
from handloom.data.io.within import is_within
from handloom.errors import UserError
from handloom.wording import pluralize

LOOKED_AT = 20  # names by which another folder is recognised
MOST_FOLDERS = 2_000


class Places:
    """Files by the names in a table; collects what should be said about how they were found.

    root: given, or the table's folder, or the one folder below it where the first names lie.
    """

    def __init__(self, table: Path, names: Sequence[str], root: Path | None) -> None:
        self.table = table
        self.repairs: Counter[str] = Counter()
        self._by_stem: dict[Path, dict[str, list[Path]]] = {}  # images of folders, listed once
        self.root, self.reason = self._choose_root(names, root)

    def find(self, name: str) -> tuple[Path | None, str]:
        """The file, or None and the reason."""
        if not name:
            return None, "its path is empty"
        if "\0" in name:
            return None, "its path has a zero byte"
        if "://" in name:
            return None, "it is an address, and only files are read: download it first"
        path = self._existing(self.root, name)
        if path is not None and not is_within(path, self.root):
            return None, "it lies outside of the folder of the studio, and of its --data"
        if path is not None:
            return path, ""
        if Path(name).is_absolute() or PureWindowsPath(name).is_absolute():
            return None, "no such file: an absolute path of another place; make it relative"
        plain = Path(name.replace("\\", "/"))
        if not plain.is_absolute() and ".." in plain.parts:
            return None, "its path leaves the folder of the table"
        return None, self.reason or "no such file"

    def notes(self) -> tuple[str, ...]:
        """Sentences on names that are not the paths of files as they stand."""
        notes = []
        if self.root != self.table.parent:
            notes.append(f"paths in the table start from '{self.root}'")
        if self.repairs["suffix"]:
            names = pluralize(self.repairs["suffix"], "name")
            notes.append(f"completed {names} without a suffix")
        if self.repairs["backslash"]:
            paths = pluralize(self.repairs["backslash"], "path")
            notes.append(f"read backslashes as slashes in {paths}")
        return tuple(notes)

    def _existing(self, root: Path, name: str) -> Path | None:
        for form in dict.fromkeys((name, name.replace("\\", "/"))):
            if not Path(form).is_absolute() and ".." in Path(form).parts:
                continue
            path = root / form
            complete = path if path.is_file() else self._completed(path)
            if complete is not None:
                self.repairs["backslash"] += form != name
                self.repairs["suffix"] += complete is not path
                return complete
        return None

    def _completed(self, path: Path) -> Path | None:
        """The one image whose name is this and a suffix."""
        if is_image(path.name):
            return None
        if path.parent not in self._by_stem:
            self._by_stem[path.parent] = _stems(path.parent)
        files = self._by_stem[path.parent].get(path.name, [])
        return files[0] if len(files) == 1 else None

    def _choose_root(self, names: Sequence[str], root: Path | None) -> tuple[Path, str]:
        if root is not None:
            if not root.expanduser().is_dir():
                raise UserError(
                    f"--root {root}: the folder does not exist; name the one that the paths are "
                    "relative to"
                )
            return root.expanduser(), ""
        folder = self.table.parent
        first = [name for name in names if name][:LOOKED_AT]
        if any(self._existing(folder, name) for name in first):
            self.repairs.clear()
            return folder, ""
        below = [other for other in _folders(folder) if self._holds(other, first)]
        self.repairs.clear()
        below = self._of_same_split(below) or below
        if len(below) == 1:
            return below[0], ""
        several = f"no such file there, but in {len(below)} folders below: give --root"
        return folder, several if below else ""

    def _of_same_split(self, folders: Sequence[Path]) -> list[Path]:
        """Of several folders those that are called like the table, train or train_images beside
        train.csv: Kaggle's files have the same numbers in each split."""
        stem = self.table.stem
        same = [folder for folder in folders if folder.name.casefold() == stem.casefold()]
        split = split_of(stem)
        return same or [each for each in folders if split and split_of(each.name) == split]

    def _holds(self, folder: Path, names: Sequence[str]) -> bool:
        hits = sum(self._existing(folder, name) is not None for name in names)
        return 2 * hits > len(names)


def _folders(root: Path) -> list[Path]:
    """Folders one and two levels below, at most 2,000."""
    below = sorted(path for path in root.iterdir() if path.is_dir())
    deeper = [path for folder in below for path in sorted(folder.iterdir()) if path.is_dir()]
    return [*below, *deeper][:MOST_FOLDERS]


def _stems(folder: Path) -> dict[str, list[Path]]:
    stems: dict[str, list[Path]] = {}
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if is_image(path.name):
                stems.setdefault(path.stem, []).append(path)
    return stems
