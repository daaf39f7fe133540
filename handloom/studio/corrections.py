"""mistakes.csv of a run as a page shows it, and what a person decides about its lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from handloom.errors import UserError
from handloom.runs.cells import inert, plain, sheet_bytes
from handloom.runs.files import write_whole

FILE, COLUMN = "mistakes.csv", "correction"
KEY = ("file", "content")
MOST_LETTERS = 200  # of a correction
SAVING = Lock()  # a table is read, changed and written whole: two at once would lose one of them


def lines(run: Path) -> list[dict[str, str]]:
    """The lines, column by column, as they are meant. Raises UserError where there are none."""
    try:
        text = (run / FILE).read_text("utf-8-sig", "replace")
    except OSError:
        raise UserError(
            f"{run.name} has no {FILE}, which 'handloom report' makes of a classifier"
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    return [{k: plain(v or "") for k, v in line.items() if k} for line in reader]


def is_editable(known: Sequence[Mapping[str, str]]) -> bool:
    """Whether the table takes corrections."""
    return bool(known) and COLUMN in known[0]


def save(run: Path, corrections: Any, classes: Sequence[str]) -> list[dict[str, str]]:
    """Write corrections [{file, content, correction}] into the table; all that it has then.

    A correction is a class, "drop", or empty. Raises UserError for anything else, and for a line
    that is not in the table, as when it was written anew.
    """
    with SAVING:
        return _saved(run, corrections, classes)


def _saved(run: Path, corrections: Any, classes: Sequence[str]) -> list[dict[str, str]]:
    known = lines(run)
    if not is_editable(known):
        raise UserError(f"the {FILE} of {run.name} takes no corrections")
    if not isinstance(corrections, list):
        raise UserError("the request needs 'corrections', a list")
    wanted = dict(_checked(entry, classes) for entry in corrections)
    unknown = wanted.keys() - set(map(_key, known))
    if unknown:
        name = next(filter(None, min(unknown)), "")
        raise UserError(f"'{name}' is no longer in {run.name}/{FILE}: load the page again")
    for line in known:
        line[COLUMN] = wanted.get(_key(line), line[COLUMN])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(known[0])
    writer.writerows([inert(cell) for cell in line.values()] for line in known)
    write_whole(run / FILE, sheet_bytes(text.getvalue()))
    decided = (line for line in known if line[COLUMN])
    return [{name: line.get(name, "") for name in (*KEY, COLUMN)} for line in decided]


def _key(line: Mapping[str, Any]) -> tuple[str, str]:
    file, content = (str(line.get(name, "")) for name in KEY)
    return file, content


def _checked(entry: Any, classes: Sequence[str]) -> tuple[tuple[str, str], str]:
    if not isinstance(entry, dict):
        raise UserError("a correction must be an object with file, content and correction")
    wanted = str(entry.get(COLUMN, ""))[:MOST_LETTERS]
    if wanted not in ("", "drop", *classes):
        raise UserError(f"'{wanted}' is not a class of the run: give one, or drop")
    return _key(entry), wanted


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)  # a spreadsheet may have saved it
