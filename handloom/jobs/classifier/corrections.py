"""Images with the labels that a person corrected, and without those that were dropped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.classification.corrected import class_as_written, corrected
from handloom.jobs.classification.corrections import (
    DROP,
    Correction,
    check_class,
    read_corrections,
)
from handloom.jobs.classification.earlier import division_note

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet


def corrected_images(data: DataSet, path: Path) -> DataSet:
    """As `corrected`; what was done is in `facts` under "corrections", and in a note."""
    from handloom.data.images.label_notes import label_notes
    from handloom.data.io.labels import normal
    from handloom.jobs.images.contents import split_contents

    parts, classes = data.splits.values(), data.train.classes
    known = [digest for part in split_contents(data).values() for digest in part]
    names = [name for part in parts for name in part.names]
    lines = [
        line._replace(wanted=class_as_written(normal(line.wanted), classes))
        for line in read_corrections(path)
    ]
    lines = [line for line in lines if not _is_left_out(line, data, set(names), set(known))]
    notes = lambda data, _: label_notes(data)
    data, _, counts = corrected(data, lines, names, known, classes, path, "image", notes)
    noted = division_note(split_contents(data), data.held_out, path, "image")
    return replace(data, facts=data.facts | {"corrections": counts}, notes=(*data.notes, *noted))


def _is_left_out(line: Correction, data: DataSet, names: set[str], known: set[str]) -> bool:
    """Whether a line drops, or a run kept it of, an image that cannot be used anyway.

    Raises UserError for another correction of such an image.
    """
    reason = dict(data.broken).get(line.file)
    if reason is None or line.file in names or line.content in known:
        return False
    if line.wanted == DROP or line.is_kept:
        return True
    check_class(line, {name: place for place, name in enumerate(data.train.classes)})
    raise UserError(
        f"{line.where} corrects '{line.file}', which is left out of the data ({reason}): repair "
        "it, or remove the line"
    )
