"""mistakes.csv of an image classifier: a line for each image that a person should look at.

A person writes into the column `correction` what is right, and `--corrections` takes the file back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from handloom.data.io.digest import image_digest
from handloom.errors import UserError
from handloom.jobs.corrections import DROP
from handloom.runs.cells import inert_row, plain

if TYPE_CHECKING:
    from handloom.data.images.dataset import Images

__all__ = [
    "COLUMNS",
    "DROP",
    "MISTAKE",
    "WRONG_LABEL",
    "Mistake",
    "contents",
    "duplicate_of",
    "table",
]

WRONG_LABEL, MISTAKE = "likely wrong label", "mistake"  # problems


class Mistake(NamedTuple):
    """One line; the fields are the columns, in their order.

    file: the image's name in its set. content: see `contents`. split: train, valid or test. label,
    predicted: names of classes. confidence: probability of the predicted class, to six digits, by a
    network that was not trained on the image; predicted and confidence are empty where there is
    none. likely_label: the class that a likely wrong label should be, else empty. problem: likely
    wrong label, mistake, or what `duplicate_of` gives. correction: for a person to fill in, a class
    or "drop".
    """

    file: str
    content: str
    split: str
    label: str
    predicted: str
    confidence: str
    likely_label: str
    problem: str
    correction: str = ""


COLUMNS = Mistake._fields


def duplicate_of(name: str) -> str:
    """The problem of a copy of an image of another split or with another label."""
    return f"duplicate of {name}"


def table(mistakes: Iterable[Mistake]) -> str:
    """The file as text: a header and a line for each."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(inert_row(line) for line in mistakes)
    return text.getvalue()


def with_corrections(mistakes: Sequence[Mistake], path: Path) -> list[Mistake]:
    """The lines with what a person wrote into the file that they replace.

    A corrected line that is no longer a problem stays, at the end. Raises UserError where there is
    a file that cannot be read.
    """
    if not path.exists():
        return list(mistakes)
    written = {(line.file, line.content): line for line in _corrected(path)}
    kept = [
        line._replace(correction=written.pop((line.file, line.content), line).correction)
        for line in mistakes
    ]
    return [*kept, *written.values()]


def _corrected(path: Path) -> list[Mistake]:
    """The lines of an older file that have a correction."""
    from handloom.data.io.table import read_table

    try:
        table = read_table(path)
    except UserError as error:
        raise UserError(
            f"'{path}' may hold corrections, and cannot be read ({error}): move it away"
        ) from None
    cells = dict(zip(table.names, table.columns, strict=True))
    empty = [""] * len(table)
    rows = zip(*(cells.get(name, empty) for name in COLUMNS), strict=True)
    return [line for line in (Mistake(*map(plain, row)) for row in rows) if line.correction]


def contents(
    images: Images, digests: Mapping[str, str], rows: Sequence[int] | None = None
) -> list[str]:
    """What the images at `rows` (None: all) are known by, 32 hexadecimal digits each.

    The digest of the file's content where there is one in `digests` (by name, as a DataSet has
    them), so that a file is known by whatever name and at whatever size; of an array's the digest
    of its pixels. Equal files have equal digests.
    """
    every = range(len(images)) if rows is None else rows
    return [
        digests.get(images.names[row]) or image_digest(images.image[row : row + 1], None)
        for row in every
    ]
