"""The image files below a folder, and what else lies there."""

import os
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

READABLE = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
SUFFIXES = frozenset((*READABLE, ".ppm", ".pgm", ".pnm", ".heic", ".heif", ".avif"))
# What systems and programs put beside a user's files: Synology, QNAP, Windows, ext4, macOS, Python.
SYSTEM = frozenset(
    ("@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "$recycle.bin",
     "recycler", "system volume information", "lost+found", "__macosx", "__pycache__", "thumbnails",
     "thumbs", "network trash folder", "temporary items")
)  # fmt: skip
RUN = {"config.json", "status.json"}  # what every run of Handloom has
IDX = ("idx1-ubyte", "idx3-ubyte", "idx4-ubyte")  # ends of the names of MNIST's files
DEEPEST = 32  # levels below a system folder, whose images are only counted


@dataclass
class Walked:
    """What lies below a folder; all paths relative to it, with slashes.

    images: sorted. others: how many files are not images. system: images in each system or hidden
    folder, none of which are read. runs: the same for runs of Handloom, whose plots are no data.
    folders: all that were read. links: folders reached a second time by a link, which are not
    read again, and where they lead.
    """

    images: list[str] = field(default_factory=list)
    others: int = 0
    system: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    folders: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)


def walk(root: Path) -> Walked:
    """All below `root`. Links to folders are followed once, after the real folders."""
    walked = Walked()
    seen: dict[str, str] = {}  # real folder: where it was read
    waiting, links = deque([""]), deque[str]()
    while waiting or links:
        place = waiting.popleft() if waiting else links.popleft()
        real = os.path.realpath(root / place)
        if real in seen:
            walked.links[place] = seen[real]
            continue
        seen[real] = place or "."
        entries = _entries(root / place)
        if place and {entry.name for entry in entries} >= RUN:
            walked.runs[place] = _images_below(root / place)
            continue
        walked.folders.append(place)
        for entry in entries:
            path = f"{place}/{entry.name}" if place else entry.name
            if entry.is_dir():
                if is_system(entry.name):
                    walked.system[path] = _images_below(Path(entry.path))
                else:
                    (links if entry.is_symlink() else waiting).append(path)
            elif entry.is_file() or entry.is_symlink():  # a pipe would never end
                _add_file(walked, path, entry.name)
    walked.images.sort()
    walked.system = +walked.system
    return walked


def idx_files(folder: Path) -> list[Path]:
    """The IDX files right in a folder, plain before packed, each once."""
    paths = {}
    for path in sorted(folder.iterdir(), reverse=True):
        plain = path.name.removesuffix(".gz")
        if plain.endswith(IDX) and path.is_file():
            paths[plain] = path
    return [paths[plain] for plain in sorted(paths)]


def is_image(name: str) -> bool:
    """Whether a file's name is that of an image."""
    return os.path.splitext(name)[1].lower() in SUFFIXES


def is_system(name: str) -> bool:
    """Whether a folder belongs to a system or a program, or is hidden."""
    return name.startswith(".") or name.lower() in SYSTEM


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _add_file(walked: Walked, path: str, name: str) -> None:
    if name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini"):
        return  # macOS leaves a ._photo.jpg of metadata beside each photo
    if is_image(name):
        walked.images.append(path)
    else:
        walked.others += 1


def _images_below(folder: Path) -> int:
    return sum(is_image(name) for name in _names(folder, DEEPEST))


def _names(folder: Path, depth: int) -> Iterator[str]:
    for entry in _entries(folder):
        if not entry.is_dir(follow_symlinks=False):
            yield entry.name
        elif depth:
            yield from _names(Path(entry.path), depth - 1)
