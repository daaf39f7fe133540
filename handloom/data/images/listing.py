"""Which image files a set consists of, found in class folders or in a flat folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from handloom.data.images.dataset import Broken
from handloom.errors import UserError
from handloom.wording import pluralize

READABLE = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
SUFFIXES = frozenset((*READABLE, ".ppm", ".pgm", ".pnm", ".heic", ".heif", ".avif"))
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "valid",
    "valid": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}
ORDER = ("train", "valid", "test")


@dataclass(frozen=True)
class Listing:
    """Image files in the order train, valid, test, each with its split and label.

    `label` is None where there are none, and then `classes` is empty. `names` are paths relative to
    `root`. `broken` are entries for which there is no file.
    """

    root: Path
    paths: tuple[Path, ...]
    names: tuple[str, ...]
    split: tuple[str, ...]
    label: tuple[int, ...] | None
    classes: tuple[str, ...]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


def list_folder(root: Path, labelled: bool) -> Listing:
    """The images below a folder, walked to any depth.

    The first-level folder is the class; if all first-level folders with images are named train,
    val or valid, and test, they are the set's own splits and the class is the level below. Folders
    wrapped around all that, as unpacking leaves them, are looked through where labels are asked
    for. Raises UserError where there are no images or, if `labelled`, fewer than two classes.
    """
    found, others = _walk(root)
    if not found:
        raise UserError(
            f"'{root}' holds no images: put them into one subfolder per class, "
            "in a format such as JPEG, PNG or WebP"
        )
    wrapped = _wrapped(found) if labelled else []
    parts = [name.split("/")[len(wrapped) :] for name in found]
    has_splits = all(len(part) > 1 and part[0].lower() in SPLITS for part in parts)
    has_splits = has_splits and any(SPLITS[part[0].lower()] == "train" for part in parts)
    split = [SPLITS[part[0].lower()] if has_splits else "train" for part in parts]
    order = sorted(range(len(found)), key=lambda row: ORDER.index(split[row]))
    kinds = _kinds([part[1:] if has_splits else part for part in parts]) if labelled else None
    if kinds is not None and None in kinds:
        raise _stray(root, found[kinds.index(None)], has_classes=any(kinds))
    return _labelled(
        root,
        [found[row] for row in order],
        [split[row] for row in order],
        None if kinds is None else [str(kinds[row]) for row in order],
        (*_looked_through(root, wrapped), *_passed_over(others)),
    )


def _labelled(
    root: Path,
    names: list[str],
    split: list[str],
    kinds: list[str] | None,
    notes: tuple[str, ...],
) -> Listing:
    classes = tuple(sorted(set(kinds))) if kinds is not None else ()
    if kinds is not None and len(classes) < 2:
        raise one_class(root, classes[0])
    number = {name: place for place, name in enumerate(classes)}
    return Listing(
        root=root,
        paths=tuple(root / name for name in names),
        names=tuple(names),
        split=tuple(split),
        label=None if kinds is None else tuple(number[kind] for kind in kinds),
        classes=classes,
        notes=notes,
    )


def one_class(root: Path, name: str) -> UserError:
    """The error for data that give a classifier nothing to tell apart."""
    return UserError(
        f"'{root}' has one class only ('{name}'): a classifier needs two or more, so add images "
        "of another class, or give the folder that holds one subfolder per class"
    )


def _wrapped(found: list[str]) -> list[str]:
    """The folders around the class folders or the splits: all images lie below, none in them."""
    folders = [name.split("/")[:-1] for name in found]
    first, last = min(folders), max(folders)  # what these two share, all share
    differ = (place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    shared = first[: next(differ, min(len(first), len(last)))]
    if shared in folders:
        shared = shared[:-1]  # it holds images, and so is a class
    splits = [place for place, name in enumerate(shared) if name.lower() in SPLITS]
    return shared[: splits[0]] if splits else shared


def _looked_through(root: Path, wrapped: list[str]) -> tuple[str, ...]:
    place = "/".join(wrapped)
    return (f"the classes are the subfolders of '{place}' in '{root}'",) if wrapped else ()


def _passed_over(others: int) -> tuple[str, ...]:
    return (f"passed over {pluralize(others, 'file')} without an image's suffix",) if others else ()


def _kinds(parts: list[list[str]]) -> list[str | None]:
    return [part[0] if len(part) > 1 else None for part in parts]


def _stray(root: Path, name: str, has_classes: bool) -> UserError:
    if has_classes:
        return UserError(
            f"'{root / name}' lies beside the class folders: move it into the folder of its class"
        )
    return UserError(
        f"'{root}' has images but no class folders, and labels are needed: arrange them as "
        f"{root.name}/CLASS/IMAGE.jpg, or give a table with the columns image,label"
    )


def _walk(root: Path) -> tuple[list[str], int]:
    """Image files below `root`, relative, with slashes, sorted; and how many other files."""
    found, others = [], 0
    for folder, files in _folders(root):
        place = Path(folder).relative_to(root).as_posix()
        for name in files:
            if os.path.splitext(name)[1].lower() in SUFFIXES:
                found.append(name if place == "." else f"{place}/{name}")
            else:
                others += 1
    return sorted(found), others


def _folders(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Every folder once, links followed, hidden ones and files left out."""
    seen = set()
    for folder, below, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        below[:] = [name for name in below if not name.startswith((".", "__MACOSX"))]
        yield folder, [name for name in files if not name.startswith((".", "Thumbs.db"))]
