"""mistakes.csv of a text classifier: a line for each text that a person should look at.

A person writes into the column `correction` what is right, and `--corrections` takes the file back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from handloom.jobs.classification.mistakes import MISTAKE, WRONG_LABEL, corrected, table_of

__all__ = ["MISTAKE", "WRONG_LABEL", "TextMistake", "duplicate_of", "table", "with_corrections"]


class TextMistake(NamedTuple):
    """One line; the fields are the columns, in their order, and mean what those of images do.

    content: see `contents.content_of`. predicted and confidence are by a model that was not trained
    on the text, and empty where there is none.
    """

    text: str
    content: str
    split: str
    label: str
    predicted: str
    confidence: str
    likely_label: str
    problem: str
    correction: str = ""


def duplicate_of(split: str, label: str) -> str:
    """The problem of a text that stands in another split, or with another label, too."""
    return f"duplicate in {split}, labelled {label}"


def table(mistakes: Iterable[TextMistake]) -> str:
    """The file as text: a header and a line for each."""
    return table_of(TextMistake._fields, mistakes)


def with_corrections(mistakes: Sequence[TextMistake], path: Path) -> list[TextMistake]:
    """The lines with what a person wrote into the file that they replace: see `corrected`."""
    return corrected(TextMistake, TextMistake._fields, mistakes, path, lambda line: line.content)
