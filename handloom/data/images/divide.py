"""From what was read to a DataSet: the validation split, and the notes a user should see."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from handloom.data.images.dataset import Broken, DataSet, Images
from handloom.data.images.split import choose
from handloom.data.io import cache
from handloom.errors import UserError
from handloom.wording import pluralize

VALIDATION, MOST_VALIDATION = 0.2, 5_000  # 5,000 judge an accuracy to about half a percent
MOST_RESIDENT = 1 << 30  # bytes; the images of larger sets stay in files
FEW = 10  # images; a class with fewer is worth a note
UNEVEN = 10  # times as many images as the smallest class


class Parts(NamedTuple):
    """A set as it was read: its own splits, and groups of near-duplicates over them.

    `group` (N,) runs over the splits in the order train, valid, test, or over train alone. `key` is
    the cache that images decoded from files lie in.
    """

    name: str
    splits: dict[str, Images]
    group: Tensor
    fingerprint: str
    preprocessing: dict[str, Any]
    facts: dict[str, Any]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()
    key: str | None = None


def divided(parts: Parts, validation: float | None, seed: int) -> DataSet:
    """The set with a validation split: its own, or one taken from the training images.

    Raises UserError where a share for validation is asked for and nothing can be spared.
    """
    train, valid = parts.splits["train"], parts.splits.get("valid")
    if valid is None and validation != 0:
        train, valid = _separated(parts, validation, seed)
    names = tuple(name for part in parts.splits.values() for name in part.names)
    return DataSet(
        name=parts.name,
        train=train,
        valid=valid,
        test=parts.splits.get("test"),
        broken=parts.broken,
        notes=(*parts.notes, *_class_notes(parts.splits["train"]), *_group_notes(parts)),
        fingerprint=parts.fingerprint,
        preprocessing=parts.preprocessing,
        facts=parts.facts,
        duplicates=tuple(tuple(names[row] for row in rows) for rows in _groups(parts.group)),
    )


def _separated(parts: Parts, validation: float | None, seed: int) -> tuple[Images, Images]:
    train = parts.splits["train"]
    amount = round(len(train) * (VALIDATION if validation is None else validation))
    if validation is None:
        amount = min(amount, MOST_VALIDATION)
    label = torch.zeros(len(train), dtype=torch.int64) if train.label is None else train.label
    group = parts.group[: len(train)]
    rows = torch.from_numpy(choose(label.numpy(), group.numpy(), max(amount, 1), seed))
    if not len(rows):
        raise UserError(
            f"nothing of '{parts.name}' is left to validate with "
            f"({pluralize(len(train), 'image')}, near-duplicates count once): add images, or "
            "give --validation 0"
        )
    is_valid = torch.zeros(len(train), dtype=torch.bool)
    is_valid[rows] = True
    return _taken(train, torch.nonzero(~is_valid)[:, 0], parts.key), _taken(train, rows, parts.key)


def _taken(images: Images, index: Tensor, key: str | None) -> Images:
    if key is None or images.image.nbytes <= MOST_RESIDENT:
        return images.subset(index)
    label = None if images.label is None else images.label[index]
    names = tuple(images.names[row] for row in index.tolist())
    return Images(cache.gathered(key, images.image, index), label, images.classes, names)


def _class_notes(train: Images) -> list[str]:
    if train.label is None:
        return []
    count = torch.bincount(train.label, minlength=len(train.classes)).tolist()
    notes = []
    for name, images in zip(train.classes, count, strict=True):
        if images == 0:
            notes.append(f"the class '{name}' has no training image")
        elif images == 1:
            notes.append(f"the class '{name}' has a single image, which stays in training")
        elif images < FEW:
            notes.append(f"the class '{name}' has {images} images only")
    least, most = count.index(min(count)), count.index(max(count))
    if count[most] >= UNEVEN * max(count[least], 1):
        notes.append(
            f"the classes are uneven: '{train.classes[most]}' has {count[most]:,} images, "
            f"'{train.classes[least]}' has {count[least]:,}"
        )
    return notes


def _group_notes(parts: Parts) -> list[str]:
    groups = _groups(parts.group)
    if not groups:
        return []
    notes = [
        f"{sum(map(len, groups)):,} images are near-duplicates, in "
        f"{pluralize(len(groups), 'group')}, each kept on one side of the split"
    ]
    labels = [part.label for part in parts.splits.values() if part.label is not None]
    if labels:
        label = torch.cat(labels).tolist()
        mixed = sum(len({label[row] for row in rows}) > 1 for rows in groups)
        if mixed:
            notes.append(f"different labels in {pluralize(mixed, 'group')} of near-duplicates")
    start = len(parts.splits["train"])
    leaked = sum(rows[0] < start for rows in groups for row in rows if row >= start)
    if leaked:
        notes.append(
            "near-duplicates of training images flatter the figures: "
            f"{pluralize(leaked, 'image')} of the set's own validation or test split"
        )
    return notes


def _groups(group: Tensor) -> list[list[int]]:
    """The rows of each group of two or more, in order."""
    order = torch.argsort(group, stable=True)
    _, size = torch.unique_consecutive(group[order], return_counts=True)
    parts = torch.split(order, size.tolist()) if bool((size > 1).any()) else ()
    return sorted(rows.tolist() for rows in parts if len(rows) > 1)
