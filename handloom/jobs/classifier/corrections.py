"""Images with the labels that a person corrected, and without those that were dropped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.corrected import (
    check_classes,
    class_as_written,
    corrected_note,
    counts,
    held_out_note,
    optimistic,
)
from handloom.jobs.corrections import Applied, applied, of_split, read_corrections

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import DataSet, Images
    from handloom.jobs.image_data import EvaluationData
    from handloom.jobs.loading import Loaded


def corrected(data: DataSet, path: Path) -> DataSet:
    """The same split, with corrected labels in all of its parts.

    What was done is in `facts` under "corrections", {"relabelled", "dropped", "unchanged",
    "by_name"}, and in a note. Raises UserError for lines that fit nothing, and where a split or all
    but one class would be empty.
    """
    from handloom.data.io.labels import normal
    from handloom.jobs.image_contents import contents

    parts = data.splits
    known = [digest for part in parts.values() for digest in contents(part, data.digests)]
    names = [name for part in parts.values() for name in part.names]
    label = [number for part in parts.values() for number in _labels(part)]
    lines = [
        line._replace(wanted=class_as_written(normal(line.wanted), data.train.classes))
        for line in read_corrections(path)
    ]
    result = applied(lines, names, known, label, data.train.classes)
    first, made = 0, {}
    for split, images in parts.items():
        made[split] = _part(images, result, first)
        first += len(images)
        if not len(made[split]):
            raise UserError(
                f"'{path}' drops every image of the split {split}: keep some, or give other data"
            )
    check_classes(set(_labels(made["train"])), data.train.classes, path, "image")
    before = _held_out_before(parts, made)
    record = counts(result)
    return replace(
        data,
        train=made["train"],
        valid=made.get("valid"),
        test=made.get("test"),
        notes=(*data.notes, corrected_note(record, path, "image"), *_held_out_notes(before, made)),
        uncorrected=before,
        facts=data.facts | {"corrections": record},
    )


def before_corrections(run: Loaded, data: EvaluationData, logits: Tensor) -> dict[str, Any]:
    """What an evaluation says where images that it is of were corrected, else nothing.

    Returns {"corrected": {"relabelled", "dropped"}, "accuracy_before_corrections": on all images
    and labels as they were, "optimistic": True, "optimistic_because": [why]}. logits: (N, K) of the
    images.
    """
    from handloom.jobs.classifier.logits import logits_of

    before = data.uncorrected
    if before is None:
        return {}
    relabelled, dropped = _changes(before, data.images)
    if dropped:
        logits = logits_of(run, before.image)
    assert before.label is not None
    right = (logits.argmax(1).cpu() == before.label.cpu()).float().mean().item()
    return optimistic(relabelled, dropped, right, "image")


def _changes(before: Images, after: Images) -> tuple[int, int]:
    """How many images of a split have another label, and how many are gone."""
    label = dict(zip(before.names, _labels(before), strict=True))
    new = zip(after.names, _labels(after), strict=True)
    return sum(label[name] != number for name, number in new), len(before) - len(after)


def _held_out_before(before: dict[str, Images], after: dict[str, Images]) -> dict[str, Images]:
    """The held-out splits that are not what they were."""
    return {
        split: images
        for split, images in before.items()
        if split != "train" and any(_changes(images, after[split]))
    }


def _held_out_notes(before: dict[str, Images], after: dict[str, Images]) -> list[str]:
    """A sentence where images that figures come from were corrected."""
    return [
        held_out_note(split, *_changes(images, after[split]), "image")
        for split, images in before.items()
    ]


def _labels(images: Images) -> list[int]:
    assert images.label is not None
    numbers: list[int] = images.label.tolist()
    return numbers


def _part(images: Images, result: Applied, first: int) -> Images:
    """A split; first: the row that its first image has among all."""
    assert images.label is not None
    label, kept = of_split(images.label, result, first)
    relabelled = replace(images, label=label)
    return relabelled if len(kept) == len(images) else relabelled.subset(kept)
