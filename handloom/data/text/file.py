"""One file of texts as rows: a table, or lines that begin with fastText's __label__."""

from bisect import bisect
from pathlib import Path

from handloom.data.io.encoding import read_text
from handloom.data.io.labels import read_labels
from handloom.data.io.splits import read_splits
from handloom.data.io.table import TABLES, is_table, left_out_note, read_table
from handloom.data.text.columns import find_roles
from handloom.data.text.rows import Rows, TextReading
from handloom.errors import UserError

MARK = "__label__"  # fastText's


def read_file(path: Path, reading: TextReading, labelled: bool = True) -> Rows:
    """All rows of a file. Raises UserError, one sentence, for what is not understood."""
    return _fasttext(path, reading) if is_fasttext(path) else _table(path, reading, labelled)


def _table(path: Path, reading: TextReading, labelled: bool) -> Rows:
    if not is_table(path) and path.suffix.lower() not in (".txt", ".gz"):
        raise UserError(
            f"'{path}' is not a table of texts: give one of {', '.join(TABLES)} (also .gz)"
        )
    table = read_table(path, reading.encoding, reading.strict)
    roles = find_roles(path, table, reading.text_column, reading.target_column, labelled)
    table = roles.table
    split, note, _ = read_splits(path, table, reading.splits)
    where = [f"line {line:,}" for line in table.rows]
    target, notes = None, [n for n in (roles.note, note, left_out_note(table.left_out)) if n]
    if roles.target is not None:
        unclear = reading.unclear_labels if labelled else "class"
        target, more = read_labels(table.columns[roles.target], path, unclear, where)
        notes += more
    used = {roles.text, roles.target}
    return Rows(
        path.name.removesuffix(".gz").rsplit(".", 1)[0],
        table.columns[roles.text],
        target,
        split,
        where,
        {n: c for i, (n, c) in enumerate(zip(table.names, table.columns)) if i not in used},
        notes,
        [
            (bisect(table.rows, left.line), f"line {left.line:,} {left.reason}")
            for left in sorted(table.left_out)
        ],
        is_table=True,
    )


def is_fasttext(path: Path) -> bool:
    """Whether a file that is not a table begins with __label__."""
    if is_table(path):
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(MARK) + 3).lstrip(b"\xef\xbb\xbf").startswith(MARK.encode())
    except OSError:
        return False


def _fasttext(path: Path, reading: TextReading) -> Rows:
    """Lines that begin with __label__CLASS, or with several such, which are one class or none."""
    rows = Rows(path.stem, [], [], notes=["fastText's __label__ in front of every text"])
    cells = []
    for number, line in enumerate(read_text(path, reading.encoding).split("\n"), 1):
        words = line.split()
        if words:
            labels = [word.removeprefix(MARK) for word in words if word.startswith(MARK)]
            rows.text.append(" ".join(word for word in words if not word.startswith(MARK)))
            rows.where.append(f"line {number:,}")
            cells.append(" | ".join(labels))
    rows.target, notes = read_labels(cells, path, reading.unclear_labels, rows.where)
    rows.notes += notes
    return rows


def text_files(folder: Path) -> list[Path]:
    """The .txt files below a folder, in either letter case, in the order of their paths."""
    return [path for path in sorted(folder.rglob("*"))
            if path.suffix.lower() == ".txt" and path.is_file()
            and not is_hidden(path, folder)]  # fmt: skip


def is_hidden(file: Path, folder: Path) -> bool:
    """Whether a file below a folder, or a folder between them, is hidden."""
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
