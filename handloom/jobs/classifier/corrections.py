"""Images with the labels that a person corrected, and without those that were dropped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.jobs.classification.corrected import class_as_written, corrected
from handloom.jobs.classification.corrections import read_corrections
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
    notes = lambda data, _: label_notes(data)
    data, _, counts = corrected(data, lines, names, known, classes, path, "image", notes)
    noted = division_note(split_contents(data), data.held_out, path, "image")
    return replace(data, facts=data.facts | {"corrections": counts}, notes=(*data.notes, *noted))
