"""What the folders around image files mean: classes, splits, wrappers. Names alone are read here.

One rule for every job and verb. A folder is, in this order:

    train/CLASS, val/CLASS, test/CLASS    splits above classes; a test split may lack labels
    CLASS/train, CLASS/test               classes above splits
    CLASS/...                             classes, to any depth
    IMAGE                                 no labels

Wrappers around these, as unpacking leaves them, are looked through. Where some folders beside each
other are named like splits and others are not, nothing is guessed: it stops and names both.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from handloom.data.images.listing.nearly_splits import refuse_nearly_splits
from handloom.data.io.splits import split_of
from handloom.errors import UserError
from handloom.wording import join_and

CLASSES, SPLITS_ABOVE, SPLITS_BELOW, FLAT, FLAT_SPLITS = (
    "class folders",
    "split folders with class folders",
    "class folders with split folders",
    "images without class folders",
    "split folders without class folders",
)
PLAIN = ("images", "imgs", "data")  # wrappers inside a split folder
NEARLY_SPLIT = re.compile(r"(train|test|val|valid)([-_ .]?\d+|[-_ .].*)$", re.IGNORECASE)
PathParts = list[str]


class Layout(NamedTuple):
    """The meaning of each image's place: its split, and its class or None for no label."""

    kind: str
    split: list[str | None]  # None: left out by the option `splits`
    label: list[str | None]
    wrapper: str  # folders that were looked through, with slashes; "" for none
    depth: int  # folders from the root to the class, itself included
    notes: tuple[str, ...] = ()


def read_layout(root: Path, images: Sequence[str], meaning: Mapping[str, str] | None) -> Layout:
    """Of image files relative to `root`, with slashes, at least one.

    `meaning` is the option `splits`, parsed: {} says that no folder is a split. Raises UserError
    where names contradict each other.
    """
    full = [name.split("/") for name in images]
    wrapper = _wrapper(full, meaning)
    paths = [path[len(wrapper) :] for path in full]
    level, notes = _split_level(root, paths, meaning)
    place = "/".join(wrapper)
    if level is None:
        label = [path[0] if len(path) > 1 else None for path in paths]
        kind = CLASSES if any(label) else FLAT
        return Layout(kind, ["train"] * len(paths), label, place, len(wrapper) + 1, notes)
    split = [_meaning(path[level], meaning) if len(path) > level + 1 else None for path in paths]
    _check_splits(root, paths, level, meaning)
    if level == 1:
        label = [path[0] for path in paths]
        return Layout(SPLITS_BELOW, split, label, place, len(wrapper) + 1, notes)
    below = _below(paths)
    label = [path[0] if len(path) > 1 else None for path in below]
    kind = SPLITS_ABOVE if any(label) else FLAT_SPLITS
    return Layout(kind, split, label, place, len(wrapper) + 2, notes)


def _meaning(name: str, meaning: Mapping[str, str] | None) -> str | None:
    return split_of(name) if meaning is None else meaning.get(name)


def _wrapper(full: list[PathParts], meaning: Mapping[str, str] | None) -> PathParts:
    """The folders around everything: all images lie below, none in them."""
    folders = [path[:-1] for path in full]
    first, last = min(folders), max(folders)  # what these two share, all share
    differ = (place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    shared = first[: next(differ, min(len(first), len(last)))]
    if shared in folders:
        shared = shared[:-1]  # it holds images, and so is a class
    splits = [place for place, name in enumerate(shared) if _meaning(name, meaning)]
    return shared[: splits[0]] if splits else shared


def _split_level(
    root: Path, paths: list[PathParts], meaning: Mapping[str, str] | None
) -> tuple[int | None, tuple[str, ...]]:
    """0 where the outer folders are splits, 1 where those below are, None where none are."""
    if meaning == {}:
        return None, ()
    outer = sorted({path[0] for path in paths if len(path) > 1})
    inner = sorted({path[1] for path in paths if len(path) > 2})
    if meaning:
        return _level_asked(root, outer, inner, meaning), ()
    splits = [name for name in outer if split_of(name)]
    others = [name for name in outer if not split_of(name)]
    if splits and not others:
        return 0, ()
    notes: tuple[str, ...] = ()
    if splits:
        if not _is_class(splits, others, paths):
            raise _mixed(root, splits, others)
        notes = (f"'{splits[0]}' is read as a class, like the folders beside it",)
    refuse_nearly_splits(root, others)
    if not any(split_of(name) in ("valid", "test") for name in inner):
        return None, notes
    if all(len(path) > 2 and split_of(path[1]) for path in paths):
        return 1, ()
    raise _mixed_below(root, paths)


def _level_asked(root: Path, outer: list[str], inner: list[str], meaning: Mapping[str, str]) -> int:
    for level, names in enumerate((outer, inner)):
        if set(meaning) <= set(names):
            return level
    absent = sorted(set(meaning) - set(outer))
    raise UserError(
        f"--splits names '{absent[0]}', and '{root}' has no such folder "
        f"(it has {_some(outer) or 'none'}): name folders that exist"
    )


def _is_class(splits: list[str], others: list[str], paths: list[PathParts]) -> bool:
    """A class of trains among bus and car: one such name, without folders inside, like others."""
    is_flat = all(len(path) <= 2 for path in paths if path[0] == splits[0])
    nearly = any(NEARLY_SPLIT.match(name) for name in others)
    return len(splits) == 1 and len(others) > 1 and is_flat and not nearly


def _mixed(root: Path, splits: list[str], others: list[str]) -> UserError:
    example = ",".join(f"{split_of(name)}={name}" for name in splits)
    return UserError(
        f"'{root}' has folders named like splits ({_some(splits)}) beside others "
        f"({_some(others)}): name the splits with --splits {example}, or give --splits none if all "
        "are classes"
    )


def _mixed_below(root: Path, paths: list[PathParts]) -> UserError:
    with_split = {path[0] for path in paths if len(path) > 2 and split_of(path[1])}
    without = {path[0] for path in paths if len(path) <= 2 or not split_of(path[1])}
    first = sorted(with_split)[0]
    inner = sorted({path[1] for path in paths if path[0] == first and len(path) > 2})
    return UserError(
        f"'{root}' has folders named like splits inside '{first}' ({_some(inner)}) and images "
        f"outside of such folders in {_some(sorted(without))}: give each class the same split "
        "folders, or give --splits none if these are not splits"
    )


def _check_splits(
    root: Path, paths: list[PathParts], level: int, meaning: Mapping[str, str] | None
) -> None:
    """Raises UserError for two folders of one split, stray images, and two levels of classes."""
    names = sorted({path[level] for path in paths if len(path) > level + 1})
    stray = next((path for path in paths if len(path) <= level + 1), None)
    if stray is not None and meaning is None:
        raise UserError(
            f"'{root / '/'.join(stray)}' lies beside the split folders: move it into one of them"
        )
    for split in ("train", "valid", "test") if meaning is None else ():
        same = [name for name in names if split_of(name) == split]
        if len(same) > 1:
            raise UserError(
                f"'{root}' has two folders for the {split} split ({_some(same)}): choose "
                f"one, as in --splits train=...,{split}={same[0]}"
            )
    if level == 1 and all(len(path) > 3 for path in paths) and len({p[2] for p in paths}) > 1:
        outer = sorted({path[0] for path in paths})
        raise UserError(
            f"'{root}' holds {_some(outer)}, each with splits and class folders of its own: give "
            f"one of them, as in {root / outer[0]}"
        )


def _below(paths: list[PathParts]) -> list[PathParts]:
    """Paths below the split folders, without wrappers inside these."""
    below: list[PathParts] = [[] for _ in paths]
    if all(len(path) > 2 and path[1].lower() in PLAIN for path in paths):
        paths = [[path[0], *path[2:]] for path in paths]  # train/images, as for YOLO
    for name in {path[0] for path in paths}:
        rows = [row for row, path in enumerate(paths) if path[0] == name]
        inside = [paths[row][1:] for row in rows]
        wrapper = _wrapper(inside, {})
        is_plain = [
            bool(split_of(inner)) or inner.lower() in PLAIN or inner == name for inner in wrapper
        ]
        skip = (*is_plain, False).index(False)
        for row, path in zip(rows, inside, strict=True):
            below[row] = path[skip:]
    return below


def _some(names: Sequence[str], most: int = 6) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return join_and([*(f"'{name}'" for name in names[:most]), *more])
