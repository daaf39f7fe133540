"""From what was read to a DataSet: the validation split, and the notes a user should see."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor

from handloom.data.images.dataset import Broken, DataSet, Images, Interpretation
from handloom.data.images.grouping import members, without_mixed
from handloom.data.images.label_notes import class_notes, equal_notes
from handloom.data.images.reading import Duplicates, Preprocessing
from handloom.data.io import cache
from handloom.division.hold_out import hold_out, hold_out_groups
from handloom.division.kept import kept_sides
from handloom.division.sample import others
from handloom.division.splits import TRAIN, VALID
from handloom.errors import UserError
from handloom.wording import pluralize

VALIDATION, MOST_VALIDATION = 0.2, 5_000  # 5,000 measure an accuracy to about half a percent
MOST_RESIDENT = 1 << 30  # bytes; the images of larger sets stay in files
ENOUGH = 0.5  # of the validation images asked for, below which copies are not kept together
OPTIMISTIC = (
    "neighbouring frames on both sides make the validation figure optimistic; --group says what "
    "belongs together"
)

Sides: TypeAlias = Callable[[Images, Mapping[str, str]], list[str | None]]
"""Of images, with the digests of their files by name, the split that each was in; None: in none."""


class RawDataSet(NamedTuple):
    """A set as it was read: its own splits, and which images belong together.

    `near`, `exact` and `alike` (N,) number groups of near-duplicates, of equal images and of those
    that look alike, over the splits in the order train, valid, test, or over train alone. `group`
    is the same for what a user says belongs together, None where nothing is said. `key` is the
    cache that images decoded from files lie in. `digests`, `files`: as of a DataSet.
    """

    name: str
    splits: dict[str, Images]
    near: Tensor
    exact: Tensor
    alike: Tensor
    fingerprint: str
    preprocessing: Preprocessing
    facts: dict[str, Any]
    interpretation: Interpretation | None = None
    group: Tensor | None = None
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()
    key: str | None = None
    digests: Mapping[str, str] = {}
    files: Mapping[str, Path] = {}


def divide(
    raw: RawDataSet, validation: float | None, seed: int, duplicates: Duplicates = "group",
    sides: Sides | None = None,
) -> DataSet:  # fmt: skip
    """The set with a validation split: its own, or one taken from the training images.

    sides: gives the split that each image had in an earlier division, which this one goes on from.
    Raises UserError where a share for validation is asked for and nothing can be spared.
    """
    raw, mixed = _looked_for(raw) if duplicates != "ignore" else (_single(raw), 0)
    groups = members(raw.near)
    same = members(raw.exact) if duplicates != "ignore" else []
    copies, equal = _named(raw.splits, groups), _named(raw.splits, same)
    notes = [*class_notes([raw.splits["train"]]), *_mixed_notes(mixed, same, _labels(raw))]
    raw, noted = _without_copies(raw, groups) if duplicates == "drop" else (raw, _leak_notes(raw))
    notes += noted
    train, valid = raw.splits["train"], raw.splits.get("valid")
    chosen = _chosen(raw, _amount(len(train), validation), seed)
    if valid is None and validation != 0:
        train, valid = _separated(raw, _kept(raw, chosen, sides))
        notes += chosen.notes
    return DataSet(
        name=raw.name,
        train=train,
        valid=valid,
        seed=seed,
        test=raw.splits.get("test"),
        broken=raw.broken,
        notes=(*raw.notes, *notes),
        fingerprint=raw.fingerprint,
        preprocessing=raw.preprocessing,
        facts=raw.facts,
        duplicates=copies,
        together=_named(raw.splits, chosen.together),
        interpretation=raw.interpretation,
        digests=raw.digests,
        files=raw.files,
        equal=equal,
        own=frozenset(raw.splits),
    )


def _named(splits: dict[str, Images], groups: list[list[int]]) -> tuple[tuple[str, ...], ...]:
    """The names of the images of groups, whose rows count through all splits."""
    names = [name for part in splits.values() for name in part.names]
    return tuple(tuple(names[row] for row in rows) for rows in groups)


def _looked_for(raw: RawDataSet) -> tuple[RawDataSet, int]:
    """Without groups that span classes; also how many of those there were."""
    label = _labels(raw)
    near, mixed = without_mixed(raw.near, raw.exact, label)
    alike, mixed_alike = without_mixed(raw.alike, near, label)
    return raw._replace(near=near, alike=alike), max(mixed, mixed_alike)


def _single(raw: RawDataSet) -> RawDataSet:
    single = torch.arange(len(raw.near))
    return raw._replace(near=single, alike=single)


def _labels(raw: RawDataSet) -> Tensor | None:
    """Labels of the images that `near` covers."""
    labels = [part.label for part in raw.splits.values() if part.label is not None]
    return torch.cat(labels)[: len(raw.near)] if labels else None


def _amount(images: int, validation: float | None) -> int:
    """How many of so many training images are to validate; where none are, what usually would."""
    amount = round(images * (validation or VALIDATION))
    return max(amount if validation else min(amount, MOST_VALIDATION), 1)


def _separated(raw: RawDataSet, rows: Tensor) -> tuple[Images, Images]:
    train = raw.splits["train"]
    if not len(rows):
        together = ", and --group keeps some together" if raw.group is not None else ""
        raise UserError(
            f"nothing of '{raw.name}' is left to validate with "
            f"({pluralize(len(train), 'image')}{together}): add images, or give --validation 0"
        )
    rest = others(len(train), rows)
    return _taken(train, rest, raw.key), _taken(train, rows, raw.key)


class _Chosen(NamedTuple):
    """Rows of the training images that validate, int64 (M,); what a user should know; and the rows
    of each group, over all splits, for whoever divides the rest again or evaluates a split."""

    rows: Tensor
    notes: list[str]
    together: list[list[int]]


def _chosen(raw: RawDataSet, amount: int, seed: int) -> _Chosen:
    train, count = raw.splits["train"], len(raw.splits["train"])
    if not count:
        known = [] if raw.group is None else members(raw.group)
        return _Chosen(torch.empty(0, dtype=torch.int64), [], known)
    label = (torch.zeros(count, dtype=torch.int64) if train.label is None else train.label).numpy()
    if raw.group is not None:
        group = raw.group[:count]
        rows = torch.from_numpy(hold_out_groups(label, group.numpy(), amount, seed))
        return _Chosen(rows, [], members(raw.group))
    single = hold_out(label, torch.arange(count).numpy(), amount, seed)
    copies, alike = members(raw.near[:count]), members(raw.alike[:count])
    kept, apart = _kept_note(copies, "near-duplicates"), _apart_note(alike)
    frames = kept if alike == copies else _kept_note(alike, "nearly the same")
    for together, notes in ((raw.alike, frames), (raw.near, kept + apart), (raw.exact, apart)):
        chosen = hold_out(label, together[:count].numpy(), amount, seed)
        if len(chosen) >= ENOUGH * len(single) and len(chosen):
            return _Chosen(torch.from_numpy(chosen), notes, members(together))
    return _Chosen(torch.from_numpy(single), apart, [])


def _kept(raw: RawDataSet, chosen: _Chosen, sides: Sides | None) -> Tensor:
    """The rows that validate, where images keep the sides of an earlier division."""
    if sides is None:
        return chosen.rows
    train = raw.splits["train"]
    usual, group = [TRAIN] * len(train), list(range(len(train)))
    for row in chosen.rows.tolist():
        usual[row] = VALID
    for rows in chosen.together:
        for row in rows:
            if row < len(train):
                group[row] = rows[0]
    split = kept_sides(usual, sides(train, raw.digests), group, {VALID})
    return torch.tensor([row for row, name in enumerate(split) if name == VALID])


def _kept_note(groups: list[list[int]], what: str) -> list[str]:
    if not groups:
        return []
    return [
        f"{sum(map(len, groups)):,} images are {what}, in {pluralize(len(groups), 'group')}, each "
        "kept on one side of the split"
    ]


def _apart_note(alike: list[list[int]]) -> list[str]:
    if not alike:
        return []
    return [
        f"{sum(map(len, alike)):,} images are nearly the same, too many to keep them on one side "
        f"of the split: {OPTIMISTIC}"
    ]


def _taken(images: Images, index: Tensor, key: str | None) -> Images:
    if key is None or images.image.nbytes <= MOST_RESIDENT:
        return images.subset(index)
    label = None if images.label is None else images.label[index]
    names = tuple(images.names[row] for row in index.tolist())
    return Images(cache.gathered(key, images.image, index), label, images.classes, names)


def _mixed_notes(mixed: int, equal: list[list[int]], label: Tensor | None) -> list[str]:
    if not mixed or label is None:
        return []
    return equal_notes([label[rows].tolist() for rows in equal]) or [
        "images of different classes look nearly alike, as from a fixed camera or mirrored: "
        f"{OPTIMISTIC}"
    ]


def _without_copies(raw: RawDataSet, groups: list[list[int]]) -> tuple[RawDataSet, list[str]]:
    """Without the training images that are near-duplicates of others, but one of each group."""
    count = len(raw.splits["train"])
    dropped = set[int]()
    for rows in groups:
        inside = [row for row in rows if row < count]
        dropped |= set(inside if len(inside) < len(rows) else inside[1:])
    if not dropped:
        return raw, []
    kept = torch.tensor([row for row in range(count) if row not in dropped], dtype=torch.int64)
    splits = raw.splits | {"train": _taken(raw.splits["train"], kept, raw.key)}
    single = torch.arange(len(kept))
    group = None if raw.group is None else raw.group[:count][kept]
    note = f"left out {pluralize(len(dropped), 'training image')}: near-duplicates of others"
    alike = raw.alike[:count][kept]
    raw = raw._replace(splits=splits, near=single, exact=single, alike=alike, group=group)
    return raw, [note]


def _leak_notes(raw: RawDataSet) -> list[str]:
    start = len(raw.splits["train"])
    groups = members(raw.alike)
    leaked = sum(rows[0] < start for rows in groups for row in rows if row >= start)
    if not leaked:
        return []
    return [
        f"{pluralize(leaked, 'image')} of the set's own validation or test split, nearly the same "
        "as training images, flatter the figures"
    ]
