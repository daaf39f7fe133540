"""The image files below a folder, and what else lies there."""

import os
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
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
INDEX, OF_INDEX = "index.sqlite", "matrix-"  # what every index has, and how its folders begin
IDX = ("idx1-ubyte", "idx3-ubyte", "idx4-ubyte")  # ends of the names of MNIST's files
DEEPEST = 32  # levels below a system folder, whose images are only counted


@dataclass
class Walked:
    """What lies below a folder; all paths relative to it, with slashes.

    images: sorted. others: how many files are not images. system: images in each system or hidden
    folder, none of which are read. runs: the same for runs of Handloom, whose plots are no data.
    folders: all that were read. links: folders reached a second time by a link, which are not
    read again, and where they lead. unread: folders that cannot be read, and why. In a survey,
    `images` has one of each folder.
    """

    images: list[str] = field(default_factory=list)
    others: int = 0
    system: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    folders: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def walk(root: Path) -> Walked:
    """All below `root`. Links to folders are followed once, after the real folders."""
    walked = Walked()
    for place, names in read_folders(root, walked):
        walked.images += [join(place, name) for name in names]
    walked.images.sort()
    return walked


def read_folders(root: Path, walked: Walked) -> Iterator[tuple[str, list[str]]]:
    """Every folder that is read, with the names of its images, sorted; `walked` gets all else.

    The names of one folder at a time are held, whatever their number.
    """
    seen: dict[str, str] = {}  # real folder: where it was read
    waiting, links = deque([""]), deque[str]()
    while waiting or links:
        place = waiting.popleft() if waiting else links.popleft()
        real = os.path.realpath(root / place)
        if real in seen:
            walked.links[place] = seen[real]
            continue
        seen[real] = place or "."
        content = _read(root / place)
        if content.error is not None:
            walked.unread[place] = content.error
        if place and content.of_run == RUN:
            walked.runs[place] = _images_below(root / place)
            continue
        walked.folders.append(place)
        walked.others += content.others
        for name in content.folders:
            if is_system(name):
                walked.system[join(place, name)] = _images_below(root / place / name)
        waiting += [join(place, name) for name in content.folders if not is_system(name)]
        links += [join(place, name) for name in content.links]
        yield place, content.images
    walked.system = +walked.system


def image_names(folder: Path) -> list[str]:
    """The names of the images in a folder, as `read_folders` gives them. Raises OSError."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if _is_file(entry) and is_image(entry.name))


def join(place: str, name: str) -> str:
    """A path relative to the root from that of its folder, "" for the root."""
    return f"{place}/{name}" if place else name


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


@dataclass
class _Content:
    """Names in a folder, sorted: images, folders, and links to folders; how many other files there
    are, which of them every run has, and whether it is an index; error: why it cannot be read to
    its end."""

    images: list[str] = field(default_factory=list)
    others: int = 0
    of_run: set[str] = field(default_factory=set)
    is_index: bool = False
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    error: str | None = None


def _read(folder: Path) -> _Content:
    content = _Content()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                _sort(entry, content)
    except OSError as error:
        content.error = error.strerror or str(error)
    if content.is_index:  # whose files are not the user's
        content.others = 0
        content.folders = [name for name in content.folders if not name.startswith(OF_INDEX)]
    for names in (content.images, content.folders, content.links):
        names.sort()
    return content


def _sort(entry: os.DirEntry[str], content: _Content) -> None:
    if entry.is_dir():
        is_link = entry.is_symlink() and not is_system(entry.name)
        (content.links if is_link else content.folders).append(entry.name)
    elif _is_file(entry):
        if is_image(entry.name):
            content.images.append(entry.name)
        else:
            content.others += 1
            content.of_run |= {entry.name} & RUN
            content.is_index |= entry.name == INDEX


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a user's file, or a link that may lead to one; a pipe would never end."""
    if entry.name.startswith(".") or entry.name.lower() in ("thumbs.db", "desktop.ini"):
        return False  # macOS leaves a ._photo.jpg of metadata beside each photo
    return entry.is_file() or (entry.is_symlink() and not entry.is_dir())


def _images_below(folder: Path) -> int:
    return sum(is_image(name) for name in _names(folder, DEEPEST))


def _names(folder: Path, depth: int) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry.name
            elif depth:
                yield from _names(Path(entry.path), depth - 1)
