"""mistakes.csv of an image classifier: a line for each image that a person should look at.

A person writes into the column `correction` what is right, and `--corrections` takes the file back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from handloom.jobs.classification.corrections import DROP
from handloom.jobs.classification.mistakes import MISTAKE, WRONG_LABEL, corrected, table_of

__all__ = [
    "COLUMNS",
    "DROP",
    "MISTAKE",
    "WRONG_LABEL",
    "Mistake",
    "duplicate_of",
    "table",
]


class Mistake(NamedTuple):
    """One line; the fields are the columns, in their order.

    file: the image's name in its set. content: see `jobs.images.contents`. split: train, valid or
    test. label, predicted: names of classes. confidence: probability of the predicted class, to
    six digits, by a network that was not trained on the image; predicted and confidence are empty
    where there is none. likely_label: the class that a likely wrong label should be, else empty.
    problem: likely wrong label, mistake, or what `duplicate_of` gives. correction: for a person to
    fill in, a class or "drop".
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
