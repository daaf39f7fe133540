"""Tables as they are: CSV, TSV, JSON lines, a JSON array and Parquet, plain or gzipped, as columns
of strings."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from handloom.data.io.delimited import LeftOutRow, read_records
from handloom.data.io.encoding import UNNAMED, bare_suffix, read_text
from handloom.errors import UserError
from handloom.wording import join_and, pluralize, reason

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".pq")
PARQUET, LINES, ARRAY = (".parquet", ".pq"), (".jsonl", ".ndjson"), ".json"
MOST_LETTERS = 200_000_000  # of an array, which is in memory whole, about ten times as large
MOST_NAMED = 12  # columns, in an error
REMEDY = "save it again as UTF-8 CSV, TSV, JSON lines or Parquet"


@dataclass(frozen=True)
class Table:
    """Cells as strings, stripped, in the order of the file; "" where there is none.

    names: of the columns, as written in the first row or the schema, stripped. columns: one list a
        name, all of the same length. rows: where each row is, counted from 1, the first line
        included. left_out: rows that could not be read; nested: columns of lists, records or
        bytes, which are not among `columns`.
    """

    names: list[str]
    columns: list[list[str]]
    rows: list[int]
    left_out: tuple[LeftOutRow, ...] = ()
    nested: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table, `.gz` or not."""
    return bare_suffix(path) in TABLES


def read_table(path: Path, encoding: str | None = UNNAMED, strict: bool = True) -> Table:
    """The cells of a table. `encoding`: as of `read_text`, by default UTF-8 or what a mark says.

    The first row of CSV and TSV is taken for the header; `with_header_as_row` undoes it. CSV may be
    separated by commas, semicolons, tabs or bars. Raises UserError for what cannot be read, and,
    with the row, for one that is broken or has another number of fields; where not `strict`, such
    rows are listed in `left_out` as long as they are not most of the table.
    """
    kind = bare_suffix(path)
    if kind in PARQUET:
        table = _read_parquet(path)
    elif kind in LINES:
        left: list[LeftOutRow] = []
        table = _of_records(_records(read_text(path, encoding).split("\n"), left), left)
    elif kind == ARRAY:
        table = _read_array(path, read_text(path, encoding))
    else:
        records = read_records(read_text(path, encoding), kind)
        columns = [[row[place] for row in records.rows] for place in range(len(records.names))]
        table = Table(records.names, columns, records.lines, tuple(records.left_out))
    table = _without_zeros(table)
    if table.left_out and strict:
        row = min(table.left_out)
        raise UserError(f"line {row.line} of '{path}' {row.reason}: {row.remedy}")
    if len(table.left_out) > len(table):
        raise UserError(
            f"most rows of '{path}' cannot be read ({left_out_note(table.left_out, '')}): "
            f"{table.left_out[0].remedy}"
        )
    return table


def plain_name(name: str) -> str:
    """The name of a column without letter case, spaces and hyphens: file_path of 'File-Path'."""
    return name.casefold().replace(" ", "_").replace("-", "_")


def named_column(path: Path, table: Table, name: str, option: str, also: str = "") -> int:
    """The place of a column that an option names, as it is written or in another letter case.

    also: what else could name it, for the UserError where none or several have the name.
    """
    places = [place for place, other in enumerate(table.names) if other == name]
    folded = [other.casefold() for other in table.names]
    places = places or [place for place, other in enumerate(folded) if other == name.casefold()]
    if len(places) == 1:
        return places[0]
    what = f"{len(places)} columns of that name" if places else "no such column"
    raise UserError(
        f"{option} {name}: '{path}' has {what} (it has: {listed(table)}): name one of them{also}"
    )


def refuse_absent(
    path: Path, table: Table, asked: Mapping[str, str | None], also: str = ""
) -> None:
    """Raises UserError where two or more of the columns that options name are not there: with all
    of them, so that a person need not come back for each.

    asked: what each option names, None where it is not given; also: as of `named_column`.
    """
    folded = {name.casefold() for name in table.names}
    absent = {o: name for o, name in asked.items() if name and name.casefold() not in folded}
    if len(absent) > 1:
        given = " ".join(f"{option} {name}" for option, name in absent.items())
        raise UserError(
            f"{given}: '{path}' has no such columns (it has: {listed(table)}): name two of them"
            f"{also}"
        )


def listed(table: Table) -> str:
    """The names of the columns, of many the first, long ones cut; and those that hold no cells."""
    shown = [name if len(name) <= 30 else f"{name[:29]}…" for name in table.names[:MOST_NAMED]]
    more = [f"{len(table.names) - MOST_NAMED} more"] if len(table.names) > MOST_NAMED else []
    nested = join_and([f"'{name}'" for name in table.nested])
    lists = f"; {nested}: lists or records" if nested else ""
    return (", ".join([*(f"'{name}'" for name in shown), *more]) or "none") + lists


def usual_column(
    path: Path, table: Table, usual: Container[str], asked: str | None, option: str, what: str
) -> int | None:
    """The place of the column that an option names, `asked`, or that has a usual name; or None.

    usual: as `plain_name` makes them. what: the column holds. Raises UserError where several could
    be meant.
    """
    if asked is not None:
        return named_column(path, table, asked, option)
    places = [place for place, name in enumerate(table.names) if plain_name(name) in usual]
    if len(places) > 1:
        names = join_and([f"'{table.names[place]}'" for place in places])
        raise UserError(
            f"'{path}' has {len(places)} columns that may hold {what} ({names}): say which with "
            f"{option}, and rename one if both have the same name"
        )
    return places[0] if places else None


def with_header_as_row(table: Table) -> Table:
    """The same cells where the file has no header: the first row is a row, names are 1, 2, ..."""
    names = [str(number + 1) for number in range(len(table.names))]
    columns = [[name, *column] for name, column in zip(table.names, table.columns, strict=True)]
    return replace(table, names=names, columns=columns, rows=[1, *table.rows])


def left_out_note(left: Iterable[LeftOutRow], lead: str = "left out ") -> str:
    """`left out 3 rows: line 7 has 1 field, the header has 2; ...`, or nothing."""
    rows = sorted(left)
    if not rows:
        return ""
    named = "; ".join(f"line {row.line:,} {row.reason}" for row in rows[:3])
    more = f"; and {len(rows) - 3:,} more" if len(rows) > 3 else ""
    return f"{lead}{pluralize(len(rows), 'row')}: {named}{more}"


def _without_zeros(table: Table) -> Table:
    """Rows with a zero byte are damaged, and left out."""
    bad = {row for column in table.columns for row, value in enumerate(column) if "\0" in value}
    if not bad:
        return table
    kept = [row for row in range(len(table)) if row not in bad]
    left = [LeftOutRow(table.rows[row], "has a zero byte", "remove it") for row in sorted(bad)]
    return replace(
        table,
        columns=[[column[row] for row in kept] for column in table.columns],
        rows=[table.rows[row] for row in kept],
        left_out=(*table.left_out, *left),
    )


def _read_array(path: Path, text: str) -> Table:
    """An array of objects; `rows` are their places in it."""
    if len(text) > MOST_LETTERS:
        raise UserError(
            f"'{path}' is an array of {len(text):,} characters, and one of more than "
            f"{MOST_LETTERS:,} is not read at once: save it as JSON lines (.jsonl)"
        )
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"'{path}' is not JSON ({reason(error)}): {REMEDY}") from None
    if not isinstance(content, list) or not any(isinstance(each, dict) for each in content):
        raise UserError(
            f"'{path}' is not a table: a .json file must be an array of objects, "
            '[{"text": ..., "label": ...}, ...]'
        )
    left = [
        LeftOutRow(place, "is not a JSON object", "mend or remove it")
        for place, each in enumerate(content, 1)
        if not isinstance(each, dict)
    ]
    return _of_records(
        ((place, each) for place, each in enumerate(content, 1) if isinstance(each, dict)), left
    )


def _of_records(numbered: Iterable[tuple[int, dict[str, object]]], left: list[LeftOutRow]) -> Table:
    """left: is read when the records are."""
    records = list(numbered)
    keys = list(dict.fromkeys(name for _, record in records for name in record))
    values = {name: [record.get(name) for _, record in records] for name in keys}
    nested = tuple(n for n in keys if any(isinstance(v, list | dict) for v in values[n]))
    names = [name for name in keys if name not in nested]
    columns = [[_cell(value) for value in values[name]] for name in names]
    rows = [row for row, _ in records]
    return Table([name.strip() for name in names], columns, rows, tuple(left), nested)


def _records(
    lines: Iterable[str], left: list[LeftOutRow]
) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            yield number, record
        else:
            left.append(LeftOutRow(number, "is not a JSON object", "mend or remove it"))


def _cell(value: object) -> str:
    """As CSV has it; None and NaN are missing, and what is missing is empty."""
    return "" if value is None or value != value else str(value).strip()


def _read_parquet(path: Path) -> Table:
    try:
        from pyarrow import parquet
        from pyarrow import types as kinds
    except ImportError:
        raise UserError(f"'{path}' needs pyarrow to be read: pip install pyarrow") from None
    is_no_cell = lambda kind: (
        kinds.is_nested(kind) or kinds.is_binary(kind) or kinds.is_large_binary(kind)
    )
    try:
        schema = parquet.read_schema(path)
        nested = tuple(field.name for field in schema if is_no_cell(field.type))
        plain = [field.name for field in schema if field.name not in nested]
        table = parquet.read_table(path, columns=plain)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise UserError(f"'{path}' cannot be read as a table ({reason(error)}): {REMEDY}") from None
    columns = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    rows = list(range(1, table.num_rows + 1))
    return Table([name.strip() for name in table.column_names], columns, rows, nested=nested)
