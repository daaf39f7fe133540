"""Labelled texts, and how they are cut into splits: as the data say, by shares, or in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from handloom.data.text.sameness import division_keys, same_texts
from handloom.division.hold_out import first_rows, hold_out
from handloom.division.kept import kept_sides
from handloom.division.sample import others
from handloom.division.splits import TEST, TRAIN, VALID
from handloom.errors import UserError
from handloom.wording import pluralize


@dataclass(frozen=True)
class Texts:
    """Some texts; label: int64 (N,), places in the classes, or None where there are none."""

    text: list[str]
    label: Tensor | None

    def relabelled(self, label: Tensor, classes: tuple[str, ...]) -> Texts:
        """The same texts with other labels, int64 (N,); the classes are those of their set."""
        return Texts(self.text, label)

    def subset(self, rows: Tensor) -> Texts:
        """Those at `rows`, int64 (M,)."""
        label = None if self.label is None else self.label[rows]
        return Texts([self.text[i] for i in rows.tolist()], label)

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class Cut:
    """How texts are cut into splits where the data do not say.

    validation, test: shares of the whole, stratified, the same text always on one side.
    in_order: instead, the first 1 - validation of the texts are for training, the rest validate;
        of each class the same share, where they lie class by class.
    valid_file, test_file: data of their own for these splits.
    side_of: gives the split that a text had in an earlier division, which this one goes on from.
    """

    validation: float = 0.1
    test: float = 0.1
    seed: int = 0
    in_order: bool = False
    valid_file: str | None = None
    test_file: str | None = None
    side_of: Callable[[str], str | None] | None = None


def split_texts(split: list[str | None] | None, whole: Texts, cut: Cut) -> dict[str, Texts]:
    """Train, valid and test; splits that the data have win over shares."""
    given = split or [TRAIN] * len(whole)
    rows = {
        name: torch.tensor([i for i, s in enumerate(given) if s == name], dtype=torch.int64)
        for name in (TRAIN, VALID, TEST)
    }
    if cut.in_order:
        if not len(rows[VALID]) and cut.validation:
            train, label = rows[TRAIN], _labels(whole)[rows[TRAIN]]
            amount = int(len(train) * (1 - cut.validation))
            first, others = first_rows(len(train), amount, label)
            rows[TRAIN], rows[VALID] = train[first], train[others]
    else:
        for name, share in ((TEST, cut.test), (VALID, cut.validation)):
            if share and not len(rows[name]):
                rows[TRAIN], rows[name] = _taken(whole, rows[TRAIN], share, cut.seed)
        rows |= _kept(whole, rows, given, cut)
    parts = {name: whole.subset(chosen) for name, chosen in rows.items() if len(chosen)}
    learned = 0 if TRAIN not in parts else len(_labels(parts[TRAIN]).unique())
    if learned < 2:
        raise UserError(
            f"of {pluralize(len(whole), 'text')}, those left for training are of "
            f"{pluralize(learned, 'class')}: give more texts, or a smaller --validation or "
            "--test-share, 0 for none"
        )
    return parts


def _kept(
    whole: Texts, rows: dict[str, Tensor], given: Sequence[str | None], cut: Cut
) -> dict[str, Tensor]:
    """The rows of the splits that are cut from the training part, where texts keep the sides of an
    earlier division."""
    taken = {name for name in (VALID, TEST) if len(rows[name]) and name not in given}
    if cut.side_of is None or not taken:
        return {}
    usual = {row: name for name in (TRAIN, *taken) for row in rows[name].tolist()}
    places, group = sorted(usual), same_texts(whole.text)
    split = kept_sides(
        [usual[row] for row in places], [cut.side_of(whole.text[row]) for row in places],
        [group[row] for row in places], taken,
    )  # fmt: skip
    return {
        name: torch.tensor([row for row, own in zip(places, split, strict=True) if own == name],
                           dtype=torch.int64)
        for name in (TRAIN, *taken)
    }  # fmt: skip


def _taken(whole: Texts, rows: Tensor, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """`rows` without, and with only, a stratified share of the whole."""
    assert whole.label is not None
    keys = division_keys(whole.text)
    group = {key: i for i, key in enumerate(keys)}
    groups = np.array([group[keys[i]] for i in rows.tolist()])
    amount = max(1, round(share * len(whole)))
    chosen = torch.from_numpy(hold_out(whole.label[rows].numpy(), groups, amount, seed))
    return rows[others(len(rows), chosen)], rows[chosen]


def _labels(part: Texts) -> Tensor:
    assert part.label is not None
    return part.label
