"""Classes that corrections leave without an example, in no split of a set any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from handloom.division.splits import Uncorrected
from handloom.jobs.classification.corrections import KEPT
from handloom.runs.directory import RunDirectory
from handloom.wording import join_and

P = TypeVar("P")  # images or texts, which have `label` and `relabelled`
GONE = -1  # the label of an uncorrected example whose class is gone


class Remaining(NamedTuple, Generic[P]):
    """Splits, and those of them before they were corrected, of the classes that are left."""

    splits: dict[str, P]
    uncorrected: dict[str, Uncorrected[P]]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def without_emptied(
    splits: Mapping[str, P], uncorrected: Mapping[str, Uncorrected[P]],
    classes: Sequence[str], path: Path, noun: str,
) -> Remaining[P]:  # fmt: skip
    """The splits without the classes that have an example in none of them, numbered anew.

    In splits as they were before, examples of such a class are labelled GONE. path: of the
    corrections; a run that keeps them has the classes that it was trained with, whatever they hold.
    noun: of one example, image or text.
    """
    held = {number for part in splits.values() for number in _labels(part)}
    trained = _trained(path)
    kept = [n for n, name in enumerate(classes) if n in held or name in trained]
    left = tuple(classes[n] for n in kept)
    if len(left) == len(classes):
        return Remaining(dict(splits), dict(uncorrected), left, ())
    gone = join_and([f"'{name}'" for name in classes if name not in left])
    return Remaining(
        {name: _renumbered(part, kept, classes) for name, part in splits.items()},
        {name: old._replace(part=_renumbered(old.part, kept, classes))
         for name, old in uncorrected.items()},
        left,
        (f"{gone} is left out of the classes, since the corrections leave no {noun} in it"
         if len(classes) - len(left) == 1 else
         f"{gone} are left out of the classes, since the corrections leave no {noun} in them",),
    )  # fmt: skip


def _labels(part: Any) -> set[int]:
    return set(part.label.tolist())


def _trained(path: Path) -> tuple[str, ...]:
    """The classes of the run that keeps the corrections at `path`, none of a file of a user's."""
    if path.name != KEPT or not (path.parent / "config.json").is_file():
        return ()
    return tuple(RunDirectory(path.parent).config().get("classes", ()))


def _renumbered(part: Any, kept: Sequence[int], classes: Sequence[str]) -> Any:
    import torch

    number = torch.full((len(classes),), GONE, dtype=torch.int64)
    number[list(kept)] = torch.arange(len(kept))
    return part.relabelled(number[part.label], tuple(classes[n] for n in kept))
