"""`--corrections FILE`: what a person wrote about examples, found again by content or by name.

The file is a table, such as the mistakes.csv of a run, with a column `correction` (a class, or
"drop") and `content`, `file` or both; of texts `text` stands in place of `file`. A run keeps the
corrections it was trained with in its corrections.csv; those of a mistakes.csv go on from those of
the run that it lies in.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from handloom.config import option
from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.jobs.options import CommonConfig
from handloom.runs.cells import inert_row, plain
from handloom.runs.directory import RunDirectory
from handloom.runs.files import write_whole
from handloom.runs.records import Options, RunConfig
from handloom.wording import nearest, pluralize

DROP = "drop"  # the correction of an example that is to be left out
KEPT = "corrections.csv"
COLUMNS = ("file", "content", "correction")


@dataclass(frozen=True, kw_only=True)
class CorrectionOptions:
    """Options of trainings whose labels a person can correct."""

    corrections: str | None = option(
        None, "table of corrected labels, such as a run's mistakes.csv with its last column filled"
    )


class Correction(NamedTuple):
    """A line that corrects. where: such as "line 7 of mistakes.csv"; wanted: a class, or drop;
    is_kept: of the corrections that a run keeps, of which a later line says what holds."""

    file: str
    content: str
    wanted: str
    where: str
    is_kept: bool = False


class Applied(NamedTuple):
    """The effect of corrections.

    label: of the examples that are relabelled, by row; dropped: rows. by_name: examples found by
    their file's name alone, since their content is another. unchanged: those that had the label.
    gone: corrections that a run kept, and whose examples are no longer there.
    """

    label: dict[int, int]
    dropped: set[int]
    by_name: int
    unchanged: int
    gone: int = 0


def read_corrections(path: Path) -> list[Correction]:
    """The lines of a table that have a correction, after those of the run that it lies in.

    Raises UserError where it cannot be read, has no such column, or nothing is corrected.
    """
    before = path.parent / KEPT
    lines = _read(before) if path.name != KEPT and before.is_file() else []
    own = _read(path)
    if not own and not lines:
        raise UserError(
            f"'{path}' corrects nothing: write a class or '{DROP}' into its column correction"
        )
    keys = {(line.file, line.content) for line in own}
    return [line for line in lines if (line.file, line.content) not in keys] + own


def settled_labels(path: str | Path | None) -> tuple[tuple[str, str], ...]:
    """The names and classes of the examples that a table of corrections gives a class, as `Reading`
    has them; none without a table."""
    if path is None or not Path(path).expanduser().is_file():
        return ()
    from handloom.data.io.labels import normal

    lines = read_corrections(Path(path).expanduser())
    return tuple((line.file, normal(line.wanted)) for line in lines if line.wanted != DROP)


def applied(
    corrections: Sequence[Correction], names: Sequence[str], contents: Sequence[str],
    label: Sequence[int], classes: Sequence[str],
) -> Applied:  # fmt: skip
    """Corrections of examples with these names, digests of content, labels and classes.

    Content goes before a name, so that renamed files are found; of several examples of one content
    the one of that name, else all. Raises UserError, one sentence, for an example or a class that
    there is not, and for two corrections of one example in one table.
    """
    rows = _found(corrections, names, contents)
    number = {name: place for place, name in enumerate(classes)}
    wanted: dict[int, Correction] = {}
    for line, places in zip(corrections, rows, strict=True):
        if places:
            check_class(line, number)
        for row in places:
            other = wanted.setdefault(row, line)
            if other.is_kept:
                wanted[row] = line
            elif other.wanted != line.wanted:
                raise UserError(
                    f"'{names[row]}' is corrected to '{other.wanted}' in {other.where} and to "
                    f"'{line.wanted}' in {line.where}: keep one of them"
                )
    dropped = {row for row, line in wanted.items() if line.wanted == DROP}
    known = {row: number[line.wanted] for row, line in wanted.items() if row not in dropped}
    new = {row: place for row, place in known.items() if place != label[row]}
    by_name = sum(bool(line.content) and contents[row] != line.content
                  for row, line in wanted.items())  # fmt: skip
    return Applied(new, dropped, by_name, len(known) - len(new), rows.count([]))


def keep(config: CommonConfig, directory: RunDirectory) -> RunConfig:
    """Writes the corrections of a training into its run; what config.json says of the file.

    {"kept": {"file", "digest"}}, or nothing without corrections; what is kept already stays.
    """
    if not isinstance(config, CorrectionOptions) or config.corrections is None:
        return {}
    if not (directory.path / KEPT).exists():
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for line in read_corrections(Path(config.corrections).expanduser()):
            writer.writerow(inert_row([line.file, line.content, line.wanted]))
        content = text.getvalue().encode("utf-8", "backslashreplace")
        write_whole(directory.path / KEPT, content)
    return {"kept": {"file": KEPT, "digest": _digest(directory)}}


def with_kept(record: RunConfig, directory: RunDirectory) -> Options:
    """The options of a run, by its config.json and as `Job.recorded` completes them, with the
    corrections that it keeps.

    Raises UserError where that file is gone or was changed.
    """
    options = find_job(record["job"]).recorded(record["options"])
    if "kept" not in record:
        return options
    path = directory.path / KEPT
    if not path.is_file() or _digest(directory) != record["kept"]["digest"]:
        raise UserError(
            f"{path} is not the file that the run was trained with: restore it from a copy, or "
            "start a new run"
        )
    return options | {"corrections": str(path)}


def _digest(directory: RunDirectory) -> str:
    return hashlib.blake2b((directory.path / KEPT).read_bytes(), digest_size=16).hexdigest()


def _read(path: Path) -> list[Correction]:
    from handloom.data.io.table import is_table, read_table

    if not path.is_file() or not is_table(path):
        what = "is not a table" if path.exists() else "does not exist"
        raise UserError(
            f"--corrections {path}: it {what}; give the mistakes.csv of a run, or a table with the "
            "columns file and correction"
        )
    table = read_table(path)
    cells = dict(zip(table.names, table.columns, strict=True))
    if "correction" not in cells or not {"file", "text", "content"} & set(cells):
        raise UserError(
            f"'{path}' has the columns {', '.join(table.names) or 'none'}: it needs correction (a "
            f"class, or '{DROP}'), and file, text or content"
        )
    empty = [""] * len(table)
    is_kept = path.name == KEPT and (path.parent / "config.json").is_file()
    names = cells.get("file", cells.get("text", empty))
    rows = zip(table.rows, names, cells.get("content", empty),
               cells["correction"], strict=True)  # fmt: skip
    return [
        Correction(
            plain(file),
            plain(content),
            plain(wanted),
            f"line {row} of '{path.name}'",
            is_kept,
        )
        for row, file, content, wanted in rows
        if wanted
    ]


def _found(
    corrections: Sequence[Correction], names: Sequence[str], contents: Sequence[str]
) -> list[list[int]]:
    """Rows of the example of every correction, none where it is gone since a run kept that; a
    UserError names what is unknown."""
    by_content: dict[str, list[int]] = {}
    for row, content in enumerate(contents):
        by_content.setdefault(content, []).append(row)
    by_name = {name.strip(): row for row, name in enumerate(names)}
    places, unknown = [], []
    for line in corrections:
        rows = by_content.get(line.content, []) if line.content else []
        named = by_name.get(line.file)
        if named is not None and (not rows or named in rows):
            rows = [named]
        places.append(rows)
        unknown += [line] if not rows and not line.is_kept else []
    if unknown:
        first = unknown[0]
        more = f" (and {pluralize(len(unknown) - 1, 'line')} more)" if len(unknown) > 1 else ""
        raise UserError(
            f"{first.where} corrects '{first.file or first.content}'{more}, which is not among the "
            "data, by content or by name: remove it, or give the data that the file is about"
        )
    return places


def check_class(line: Correction, number: Mapping[str, int]) -> None:
    """Raises UserError for a class that is not among those of `number`."""
    if line.wanted == DROP and DROP in number:
        raise UserError(
            f"{line.where} says '{DROP}', which is a class here too: rename that class first"
        )
    if line.wanted == DROP or line.wanted in number:
        return
    near = nearest(line.wanted, number)
    hint = f"did you mean '{near}'?" if near else f"give one of {', '.join(list(number)[:12])}"
    raise UserError(
        f"{line.where} corrects '{line.file or line.content}' to '{line.wanted}', which is not a "
        f"class of the data: {hint}"
    )
