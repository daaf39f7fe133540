"""Tables as they are: CSV, TSV, JSON lines and Parquet, plain or gzipped, as columns of strings."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handloom.errors import UserError

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq")
PARQUET, LINES = (".parquet", ".pq"), (".jsonl", ".ndjson")
MOST_FIELD = 1 << 24  # characters; csv's own limit of 128 KiB is below a long text
BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
REMEDY = "save it again as UTF-8 CSV, TSV, JSON lines or Parquet"


@dataclass(frozen=True)
class Table:
    """Cells as strings, stripped, in the order of the file; "" where there is none.

    names: of the columns, as written in the first row or the schema, stripped. columns: one list a
        name, all of the same length. rows: where each row is, counted from 1, the first line
        included.
    """

    names: list[str]
    columns: list[list[str]]
    rows: list[int]

    def __len__(self) -> int:
        return len(self.rows)


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table, `.gz` or not."""
    return _kind(path) in TABLES


def read_table(path: Path, encoding: str | None = None) -> Table:
    """The cells of a table. `encoding` None means UTF-8, or UTF-16 after its byte order mark.

    The first row of CSV and TSV is taken for the header; `with_header_as_row` undoes it. CSV may be
    separated by commas, semicolons or tabs. Raises UserError, with the row, for a row of another
    number of fields and for what cannot be read.
    """
    try:
        if _kind(path) in PARQUET:
            return _read_parquet(path)
        text = _text(path, encoding)
        return _read_lines(path, text) if _kind(path) in LINES else _read_separated(path, text)
    except UserError:
        raise
    except LookupError:
        raise UserError(f"there is no encoding '{encoding}': give one such as utf-8") from None
    except (OSError, EOFError, ValueError, csv.Error) as error:  # pyarrow's are ValueErrors
        reason = " ".join(str(error).split())[:120]
        raise UserError(f"'{path}' cannot be read as a table ({reason}): {REMEDY}") from None


def with_header_as_row(table: Table) -> Table:
    """The same cells where the file has no header: the first row is a row, names are 1, 2, ..."""
    names = [str(number + 1) for number in range(len(table.names))]
    columns = [[name, *column] for name, column in zip(table.names, table.columns, strict=True)]
    return Table(names, columns, [1, *table.rows])


def read_columns(path: Path, encoding: str = "utf-8-sig") -> dict[str, list[str]]:
    """Columns by their names in small letters. Raises UserError where two names are equal then."""
    table = read_table(path, encoding)
    columns: dict[str, list[str]] = {}
    for name, column in zip(table.names, table.columns, strict=True):
        if name.lower() in columns:
            raise UserError(f"'{path}' has two columns '{name.lower()}': rename one in its header")
        columns[name.lower()] = column
    return columns


def _kind(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _text(path: Path, encoding: str | None) -> str:
    content = path.read_bytes()
    if path.suffix.lower() == ".gz":
        content = gzip.decompress(content)
    marked = next((known for mark, known in BOMS if content.startswith(mark)), None)
    return content.decode(marked or encoding or "utf-8")


def _read_separated(path: Path, text: str) -> Table:
    csv.field_size_limit(MOST_FIELD)
    first = text.split("\n", 1)[0]
    tab = _kind(path) == ".tsv"
    separator = "\t" if tab else max(",;\t", key=first.count)  # ; where the comma is decimal
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names = [name.strip() for name in next(lines, [])]
    columns: list[list[str]] = [[] for _ in names]
    rows = []
    for cells in lines:
        if not cells:
            continue
        if len(cells) != len(names):
            raise UserError(
                f"line {lines.line_num} of '{path}' has {len(cells)} fields, the header "
                f"has {len(names)}: put values with commas in quotation marks"
            )
        rows.append(lines.line_num)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell.strip())
    return Table(names, columns, rows)


def _read_lines(path: Path, text: str) -> Table:
    records = list(_records(path, text.split("\n")))
    names = list(dict.fromkeys(name for _, record in records for name in record))
    columns = [[_cell(record.get(name)) for _, record in records] for name in names]
    return Table([name.strip() for name in names], columns, [row for row, _ in records])


def _records(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise UserError(f"line {number} of '{path}' is not a JSON object: mend or remove it")
        yield number, record


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()


def _read_parquet(path: Path) -> Table:
    try:
        from pyarrow import parquet
        from pyarrow import types as kinds
    except ImportError:
        raise UserError(f"'{path}' needs pyarrow to be read: pip install pyarrow") from None
    schema = parquet.read_schema(path)
    plain = [field.name for field in schema if not kinds.is_nested(field.type)]
    table = parquet.read_table(path, columns=plain)
    columns = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    return Table([name.strip() for name in table.column_names], columns,
                 list(range(1, table.num_rows + 1)))  # fmt: skip
