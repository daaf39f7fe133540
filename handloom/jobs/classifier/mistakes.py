"""mistakes.csv of an image classifier: a line for each image that a person should look at.

A person writes into the column `correction` what is right, and `--corrections` takes the file back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from handloom.data.io.digest import image_digest
from handloom.jobs.corrections import DROP
from handloom.jobs.mistakes import MISTAKE, WRONG_LABEL, corrected, table_of

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
    return table_of(COLUMNS, mistakes)


def with_corrections(mistakes: Sequence[Mistake], path: Path) -> list[Mistake]:
    """The lines with what a person wrote into the file that they replace: see `corrected`."""
    return corrected(Mistake, COLUMNS, mistakes, path, lambda line: (line.file, line.content))


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
