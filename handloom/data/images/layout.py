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
Parts = list[str]


class Layout(NamedTuple):
    """The meaning of each image's place: its split, and its class or None for no label."""

    kind: str
    split: list[str | None]  # None: left out by the option `splits`
    label: list[str | None]
    wrapper: str  # folders that were looked through, with slashes; "" for none
    depth: int  # folders from the root to the class, itself included
    notes: tuple[str, ...] = ()


def layout(root: Path, images: Sequence[str], meaning: Mapping[str, str] | None) -> Layout:
    """Of image files relative to `root`, with slashes, at least one.

    `meaning` is the option `splits`, parsed: {} says that no folder is a split. Raises UserError
    where names contradict each other.
    """
    whole = [name.split("/") for name in images]
    wrapper = _wrapper(whole, meaning)
    parts = [part[len(wrapper) :] for part in whole]
    level, notes = _split_level(root, parts, meaning)
    place = "/".join(wrapper)
    if level is None:
        label = [part[0] if len(part) > 1 else None for part in parts]
        kind = CLASSES if any(label) else FLAT
        return Layout(kind, ["train"] * len(parts), label, place, len(wrapper) + 1, notes)
    split = [_meaning(part[level], meaning) if len(part) > level + 1 else None for part in parts]
    _check_splits(root, parts, level, meaning)
    if level == 1:
        label = [part[0] for part in parts]
        return Layout(SPLITS_BELOW, split, label, place, len(wrapper) + 1, notes)
    below = _below(parts)
    label = [part[0] if len(part) > 1 else None for part in below]
    kind = SPLITS_ABOVE if any(label) else FLAT_SPLITS
    return Layout(kind, split, label, place, len(wrapper) + 2, notes)


def _meaning(name: str, meaning: Mapping[str, str] | None) -> str | None:
    return split_of(name) if meaning is None else meaning.get(name)


def _wrapper(whole: list[Parts], meaning: Mapping[str, str] | None) -> Parts:
    """The folders around everything: all images lie below, none in them."""
    folders = [part[:-1] for part in whole]
    first, last = min(folders), max(folders)  # what these two share, all share
    differ = (place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    shared = first[: next(differ, min(len(first), len(last)))]
    if shared in folders:
        shared = shared[:-1]  # it holds images, and so is a class
    splits = [place for place, name in enumerate(shared) if _meaning(name, meaning)]
    return shared[: splits[0]] if splits else shared


def _split_level(
    root: Path, parts: list[Parts], meaning: Mapping[str, str] | None
) -> tuple[int | None, tuple[str, ...]]:
    """0 where the outer folders are splits, 1 where those below are, None where none are."""
    if meaning == {}:
        return None, ()
    outer = sorted({part[0] for part in parts if len(part) > 1})
    inner = sorted({part[1] for part in parts if len(part) > 2})
    if meaning:
        return _level_asked(root, outer, inner, meaning), ()
    splits = [name for name in outer if split_of(name)]
    others = [name for name in outer if not split_of(name)]
    if splits and not others:
        return 0, ()
    if splits:
        if _is_class(splits, others, parts):
            return None, (f"'{splits[0]}' is read as a class, like the folders beside it",)
        raise _mixed(root, splits, others)
    if not any(split_of(name) in ("valid", "test") for name in inner):
        return None, ()
    if all(len(part) > 2 and split_of(part[1]) for part in parts):
        return 1, ()
    raise _mixed_below(root, parts)


def _level_asked(root: Path, outer: list[str], inner: list[str], meaning: Mapping[str, str]) -> int:
    for level, names in enumerate((outer, inner)):
        if set(meaning) <= set(names):
            return level
    absent = sorted(set(meaning) - set(outer))
    raise UserError(
        f"--splits names '{absent[0]}', and '{root}' has no such folder "
        f"(it has {_some(outer) or 'none'}): name those that are there"
    )


def _is_class(splits: list[str], others: list[str], parts: list[Parts]) -> bool:
    """A class of trains among bus and car: one such name, without folders inside, like others."""
    is_flat = all(len(part) <= 2 for part in parts if part[0] == splits[0])
    nearly = any(NEARLY_SPLIT.match(name) for name in others)
    return len(splits) == 1 and len(others) > 1 and is_flat and not nearly


def _mixed(root: Path, splits: list[str], others: list[str]) -> UserError:
    example = ",".join(f"{split_of(name)}={name}" for name in splits)
    return UserError(
        f"'{root}' has folders named like splits ({_some(splits)}) beside others "
        f"({_some(others)}): say which are read with --splits {example}, or --splits none if all "
        "are classes"
    )


def _mixed_below(root: Path, parts: list[Parts]) -> UserError:
    with_split = {part[0] for part in parts if len(part) > 2 and split_of(part[1])}
    without = {part[0] for part in parts if len(part) <= 2 or not split_of(part[1])}
    first = sorted(with_split)[0]
    inner = sorted({part[1] for part in parts if part[0] == first and len(part) > 2})
    return UserError(
        f"'{root}' has folders named like splits inside '{first}' ({_some(inner)}) and images "
        f"outside of such folders in {_some(sorted(without))}: give each class the same split "
        "folders, or --splits none if these are no splits"
    )


def _check_splits(
    root: Path, parts: list[Parts], level: int, meaning: Mapping[str, str] | None
) -> None:
    """Raises UserError for two folders of one split, stray images, and two levels of classes."""
    names = sorted({part[level] for part in parts if len(part) > level + 1})
    stray = next((part for part in parts if len(part) <= level + 1), None)
    if stray is not None and meaning is None:
        raise UserError(
            f"'{root / '/'.join(stray)}' lies beside the split folders: move it into one of them"
        )
    for split in ("train", "valid", "test") if meaning is None else ():
        same = [name for name in names if split_of(name) == split]
        if len(same) > 1:
            raise UserError(
                f"'{root}' has two folders for the {split} split ({_some(same)}): say which is "
                f"read with --splits, as in --splits train=...,{split}={same[0]}"
            )
    if level == 1 and all(len(part) > 3 for part in parts) and len({p[2] for p in parts}) > 1:
        outer = sorted({part[0] for part in parts})
        raise UserError(
            f"'{root}' holds {_some(outer)}, each with splits and class folders of its own: give "
            f"one of them, as in {root / outer[0]}"
        )


def _below(parts: list[Parts]) -> list[Parts]:
    """Paths below the split folders, without wrappers inside these."""
    below: list[Parts] = [[] for _ in parts]
    for name in {part[0] for part in parts}:
        rows = [row for row, part in enumerate(parts) if part[0] == name]
        inside = [parts[row][1:] for row in rows]
        wrapper = _wrapper(inside, {})
        is_plain = [bool(split_of(name)) or name.lower() in PLAIN for name in wrapper]
        skip = (*is_plain, False).index(False)
        for row, part in zip(rows, inside, strict=True):
            below[row] = part[skip:]
    return below


def _some(names: Sequence[str], most: int = 6) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return join_and([*(f"'{name}'" for name in names[:most]), *more])
