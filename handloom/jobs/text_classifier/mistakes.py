"""mistakes.csv of a text classifier: a line for each text that a person should look at.

A person writes into the column `correction` what is right, and `--corrections` takes the file back.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from handloom.errors import UserError
from handloom.runs.cells import inert_row, plain

WRONG_LABEL, MISTAKE = "likely wrong label", "mistake"  # problems


class TextMistake(NamedTuple):
    """One line; the fields are the columns, in their order, and mean what those of images do.

    content: see `content_of`. predicted and confidence are by a model that was not trained on the
    text, and empty where there is none.
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


def content_of(text: str) -> str:
    """What a text is known by, 32 hexadecimal digits; letter case and white space do not count."""
    from handloom.data.text.texts import normalized

    whole = normalized(text).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).hexdigest()


def duplicate_of(split: str, label: str) -> str:
    """The problem of a text that stands in another split, or with another label, too."""
    return f"duplicate in {split}, labelled {label}"


def table(mistakes: Iterable[TextMistake]) -> str:
    """The file as text: a header and a line for each."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(TextMistake._fields)
    writer.writerows(inert_row(line) for line in mistakes)
    return text.getvalue()


def with_corrections(mistakes: Sequence[TextMistake], path: Path) -> list[TextMistake]:
    """The lines with what a person wrote into the file that they replace.

    A corrected line that is no longer a problem stays, at the end. Raises UserError where there is
    a file that cannot be read.
    """
    if not path.exists():
        return list(mistakes)
    written = {line.content: line for line in _corrected(path)}
    kept = [
        line._replace(correction=written.pop(line.content, line).correction) for line in mistakes
    ]
    return [*kept, *written.values()]


def _corrected(path: Path) -> list[TextMistake]:
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
    rows = zip(*(cells.get(name, empty) for name in TextMistake._fields), strict=True)
    lines = (TextMistake(*map(plain, row)) for row in rows)
    return [line for line in lines if line.correction]
