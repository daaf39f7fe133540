"""mistakes.csv of any classifier: lines for a person to look at, the last column to write into.

What a person writes into the column `correction` is taken back by `--corrections`, and outlasts a
report that is written anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from handloom.errors import UserError
from handloom.runs.cells import inert_row, plain

WRONG_LABEL, MISTAKE = "likely wrong label", "mistake"  # problems
Line = TypeVar("Line", bound=tuple[str, ...])  # a NamedTuple, whose last field is `correction`


def rarer_spellings(classes: Sequence[str], counts: Sequence[int]) -> dict[int, int]:
    """Of classes that are written alike (`alike_classes`), each but the one with most examples, and
    that one; by their numbers."""
    from handloom.data.io.labels import alike_classes

    number = {name: place for place, name in enumerate(classes)}
    rarer: dict[int, int] = {}
    for names, _ in alike_classes(classes):
        places = [number[name] for name in names]
        most = max(places, key=lambda place: counts[place])
        rarer |= {place: most for place in places if place != most}
    return rarer


def written_like(name: str) -> str:
    """The problem of an example of a class whose name is another's but for letter case or spaces,
    or as a number."""
    return f"class written like '{name}'"


def table_of(columns: Sequence[str], lines: Iterable[tuple[str, ...]]) -> str:
    """The file as text: a header and a line for each."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(inert_row(line) for line in lines)
    return text.getvalue()


def corrected(
    kind: Callable[..., Line],
    columns: Sequence[str],
    lines: Sequence[Line],
    path: Path,
    key: Callable[[Line], Hashable],
) -> list[Line]:
    """The lines with what a person wrote into the file that they replace.

    key: what a line is known by. A corrected line that is no longer a problem stays, at the end.
    Raises UserError where there is a file that cannot be read.
    """
    if not path.exists():
        return list(lines)
    written = {key(line): line for line in _written(kind, columns, path)}
    kept = [kind(*line[:-1], written.pop(key(line), line)[-1]) for line in lines]
    return [*kept, *written.values()]


def _written(kind: Callable[..., Line], columns: Sequence[str], path: Path) -> list[Line]:
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
    rows = zip(*(cells.get(name, empty) for name in columns), strict=True)
    return [line for line in (kind(*map(plain, row)) for row in rows) if line[-1]]
