"""Which images belong together: copies of each other, and what a user says belongs together."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath
from posixpath import splitext

import numpy as np
import torch
from torch import Tensor

from handloom.errors import UserError

FOLDER, PREFIX = "folder", "prefix"
EXPORTED = re.compile(r"(_(jpe?g|png))?\.rf\.\w+$")  # versions of an image, as Roboflow names them
VERSION = re.compile(
    r"([-_ .](aug(mented)?|[hv]?flip(ped)?|mirror(ed)?|rot(ated?)?|crop(ped)?|copy)[-_ .]?\d*)+$"
)
THING = re.compile(r".*[-_ .](rot|crop)[-_ .]?\d*$")  # black_rot_3.jpg and corn_crop_3.jpg as well
NUMBER = re.compile(r"[-_ .]*\d+$")
LEAST_VERSIONS = 0.05  # share of the images; the copies of a few by hand are told by their pixels
MOST_SINGLE = 0.2  # share of the images that may belong to nothing, where the rest does


def without_mixed(near: Tensor, exact: Tensor, label: Tensor | None) -> tuple[Tensor, int]:
    """`near` (N,) but for groups that span classes, which fall apart into those of `exact`.

    Images of two classes that look nearly alike are what a classifier is to tell apart (a part with
    a scratch and without, under a fixed camera), and not copies. Also returns how many groups.
    """
    if label is None:
        return near, 0
    values, number = torch.unique(near, return_inverse=True)
    lowest = torch.full_like(values, torch.iinfo(torch.int64).max)
    low = lowest.scatter_reduce(0, number, label, "amin")
    high = torch.full_like(values, -1).scatter_reduce(0, number, label, "amax")
    is_mixed = low != high
    return torch.where(is_mixed[number], exact, near), int(is_mixed.sum())


def named_groups(names: Sequence[str], how: str, class_depth: int) -> Tensor:
    """Groups, int64 (N,), of image files by the option `group`: "folder" or "prefix".

    folder: those in one folder, below that of the class, which `class_depth` folders lead to.
    prefix: those of one folder of whose names `prefixes` are equal.
    Raises UserError for another word, and where that puts no two images together or all.
    """
    key: Callable[[PurePosixPath], str]
    if how == FOLDER:
        key = lambda path: str(path.parent)
        if any(len(PurePosixPath(name).parts) <= class_depth + 1 for name in names):
            raise UserError(
                "--group folder: images lie in the class folders themselves; put those that "
                "belong together into folders below, or take --group prefix"
            )
    elif how == PREFIX:
        return numbered(prefixes(names))
    else:
        raise UserError(f"--group {how}: for image files it must be folder or prefix")
    return numbered([key(PurePosixPath(name)) for name in names])


def prefixes(names: Sequence[str]) -> list[str]:
    """Of each file what its name shares with those that belong to it.

    That is the name without what tells versions of an image apart (`x_jpg.rf.9a0c.jpg`,
    `x_flip.png` beside `x.png`), or, without such, without its last number (`p7_03.png`).
    """
    return _prefixes(*_stems_and_bases(names))


def _prefixes(stems: Sequence[str], bases: Sequence[str]) -> list[str]:
    originals = set(bases)
    return [base or (stem if stem in originals else NUMBER.sub("", stem))
            for stem, base in zip(stems, bases, strict=True)]  # fmt: skip


def related_note(
    names: Sequence[str], label: Sequence[int], class_depth: int, is_table: bool = False
) -> tuple[str, ...]:
    """A sentence where names say that images belong together, and nobody has said so.

    names: of the training images that are to be divided; label (N,). Images are versions of one by
    their names; or most of every class lie in several folders below its own, or share all but the
    last number of their names with others in three or more ways, as a patient's or a video's do.
    is_table: the names stand in a table, whose columns say what belongs together.
    """
    column = "COLUMN" if is_table else None
    stems, bases = _stems_and_bases(names)
    versions = Counter(base or stem for stem, base in zip(stems, bases, strict=True))
    several = sum(versions[base] for base in set(bases) - {""} if versions[base] > 1)
    if several > LEAST_VERSIONS * len(names):
        return (
            _advice(f"{several:,} images are versions of others by their names", column or PREFIX),
        )
    below = ["/".join(name.split("/")[class_depth:-1]) for name in names]
    if _are_shared(below, label, 2):
        if _are_the_same(below, label):  # so that they may be the classes, as another note says
            return (
                "if the folders inside those of the classes are no classes but of one person, "
                "video or original each, the validation figure is optimistic, and --group "
                f"{column or FOLDER} keeps them on one side",
            )
        what = "images lie in folders below those of the classes"
        return (_advice(what, column or FOLDER),)
    if _are_shared(_prefixes(stems, bases), label, 3):
        what = "images have names that differ from some others' in their last number alone"
        return (_advice(what, column or PREFIX),)
    return ()


def _stems_and_bases(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names without their suffixes, and the image that each is a version of, "" for none.

    "rot" and "crop" say so only beside that image: without it they may name the thing shown.
    """
    stems = [splitext(name)[0] for name in names]
    known = set(stems)
    bases = [_original(stem) for stem in stems]
    bases = [base if base in known or not THING.match(stem.lower()) else ""
             for stem, base in zip(stems, bases, strict=True)]  # fmt: skip
    return stems, bases


def _original(stem: str) -> str:
    """The name of the image that another is a version of, "" where its name does not say so."""
    matches = (ending.search(stem.lower()) for ending in (EXPORTED, VERSION))
    return next((stem[: match.start()] for match in matches if match is not None), "")


def _are_shared(keys: Sequence[str], label: Sequence[int], least: int) -> bool:
    """Whether in every class at least so many different keys stand for two or more images each, and
    few images have a key of their own, or none."""
    count = Counter(zip(label, keys, strict=True))
    shared = Counter(kind for (kind, key), images in count.items() if key and images > 1)
    single = sum(images for (_, key), images in count.items() if not key or images == 1)
    is_most = single <= MOST_SINGLE * len(keys)
    return bool(count) and is_most and min(shared[kind] for kind in set(label)) >= least


def _are_the_same(below: Sequence[str], label: Sequence[int]) -> bool:
    """Whether every class holds the same folders."""
    held: dict[int, set[str]] = {}
    for kind, folder in zip(label, below, strict=True):
        held.setdefault(kind, set()).add(folder.split("/")[0])
    first, *others = held.values()
    return bool(others) and all(each == first for each in others)


def _advice(what: str, how: str) -> str:
    return (
        f"{what}: if such images are of one person, video or original, the validation "
        f"figure is optimistic, and --group {how} keeps them on one side"
    )


def numbered(keys: Sequence[str]) -> Tensor:
    """Groups, int64 (N,), of equal keys."""
    if not keys:
        return torch.empty(0, dtype=torch.int64)
    return torch.from_numpy(np.unique(np.array(keys), return_inverse=True)[1].astype(np.int64))


def members(group: Tensor) -> list[list[int]]:
    """The rows of each group of two or more, in order."""
    order = torch.argsort(group, stable=True)
    _, size = torch.unique_consecutive(group[order], return_counts=True)
    groups = torch.split(order, size.tolist()) if bool((size > 1).any()) else ()
    return sorted(rows.tolist() for rows in groups if len(rows) > 1)


def joined(group: Tensor, links: Iterable[tuple[int, int] | tuple[int, int, bool]]) -> Tensor:
    """Groups, int64 (N,), with those of linked rows made one; a group's number is its first row.

    group: numbered by its first rows too.
    """
    parent = group.tolist()
    for link in links:
        left, right = sorted((_root(parent, link[0]), _root(parent, link[1])))
        parent[right] = left
    return torch.tensor([_root(parent, row) for row in range(len(parent))], dtype=torch.int64)


def _root(parent: list[int], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row
