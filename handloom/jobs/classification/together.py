"""Which predictions are of examples that belong together, of which an interval counts no more than
tell something of their own; imports no torch, but for what names of files have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import cast

from handloom.data.text.sameness import normalized
from handloom.jobs.results import Prediction

FOLDER, PREFIX = "folder", "prefix"


def groups_of_texts(records: Sequence[Prediction]) -> list[str]:
    """A key of each, the same for texts that are the same (letter case and white space apart)."""
    return [normalized(record["input"]) for record in records]


def groups_of_images(records: Sequence[Prediction], rule: str | None) -> list[str]:
    """A key of each, the same for images that belong together by the run's option `group`: what a
    column of their table says, the folder below that of the class, or the names of the files.

    Where that says nothing of an image, it stands alone.
    """
    names = [record["input"] for record in records]
    if rule is None:
        return names
    if rule == FOLDER:
        return [_folder(record) for record in records]
    if rule == PREFIX:
        from handloom.data.images.grouping import prefixes

        return prefixes(names)
    cells = [cast("Mapping[str, str]", record).get(rule) for record in records]
    return [cell or name for cell, name in zip(cells, names, strict=True)]


def _folder(record: Prediction) -> str:
    folder = PurePosixPath(record["input"].replace("\\", "/")).parent
    is_class = folder.name == record.get("actual", folder.name)
    return record["input"] if is_class else str(folder)
