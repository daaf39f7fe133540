"""CSV and TSV as people write them: rows with a wrong number of fields, and lone quotation marks.

A record is read line by line. A line whose quotation marks close is read as CSV; one that opens a
quotation goes on with the next lines until it closes. Where it never closes, or where every line
that it would swallow is a row of its own, the mark is a character of the text, as in the many TSV
files that quote nothing.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from handloom.wording import pluralize

DELIMITERS = ",\t;|"
SEPARATOR = re.compile(r'"?sep=.?"?\s*$', re.IGNORECASE)  # Excel's first line
SAMPLE = 200  # lines that tell the delimiter
LONGEST = 5_000  # lines of one record
MOST_VALUES = 2_000  # different values of a column that are remembered
FIELD_LIMIT = 1 << 30  # a long text is not a mistake; csv's own limit is 128 KiB


@dataclass(frozen=True, order=True)
class LeftOutRow:
    """A row that could not be read: its line or number in the file, what it has, what to do."""

    line: int
    reason: str
    remedy: str = "put values with commas in quotation marks"


@dataclass
class Records:
    """names: the first row; rows and the lines they begin in; left_out: what was no row."""

    names: list[str]
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    left_out: list[LeftOutRow] = field(default_factory=list)


def read_records(text: str, suffix: str) -> Records:
    """All records of a text; suffix: .tsv and .tab are cut at tabs, others at what fits best."""
    csv.field_size_limit(FIELD_LIMIT)
    lines = text.split("\n")
    start = 0
    while start < len(lines) and _is_above(lines[start]):
        start += 1
    if start == len(lines):
        return Records([])
    delimiter = _delimiter(lines[start : start + SAMPLE], suffix)
    header = next(csv.reader([lines[start]], delimiter=delimiter, skipinitialspace=True))
    records = Records([name.strip() for name in header])
    reader = _Reader(lines, delimiter, len(header))
    for line, fields in reader.records(start + 1):
        if len(fields) == len(header):
            records.rows.append(fields)
            records.lines.append(line)
        else:
            records.left_out.append(LeftOutRow(line, _count(len(fields), len(header))))
    return records


def _is_above(line: str) -> bool:
    """Whether it is blank, Excel's `sep=;`, or a comment above the header, and not a row that
    begins with #."""
    if SEPARATOR.match(line):
        return True
    return not line.strip() or (line.startswith("#") and not set(DELIMITERS) & set(line))


def _count(fields: int, width: int) -> str:
    return f"has {pluralize(fields, 'field')}, the header has {width}"


def _delimiter(lines: list[str], suffix: str) -> str:
    """The one at which most lines have as many fields as the first one, two at least."""
    if suffix in (".tsv", ".tab") and "\t" in lines[0]:
        return "\t"

    def fitness(delimiter: str) -> tuple[bool, float]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        return widths[0] > 1, sum(width == widths[0] for width in widths) / len(widths)

    return max(DELIMITERS, key=fitness)


class _Reader:
    """Cuts lines into records of `width` fields."""

    def __init__(self, lines: list[str], delimiter: str, width: int) -> None:
        self.lines, self.delimiter, self.width = lines, delimiter, width
        self._values: list[set[str]] | None = None

    def records(self, start: int) -> Iterator[tuple[int, list[str]]]:
        """Line number, from 1, and fields; a wrong number of fields where nothing fits."""
        place = start
        while place < len(self.lines):
            if self.lines[place].strip(" "):
                fields, end = self._record(place)
                yield place + 1, fields
                place = end
            place += 1

    def _record(self, place: int) -> tuple[list[str], int]:
        """The fields of the record that begins in line `place`, and its last line."""
        line = self.lines[place]
        if '"' not in line:
            return self._plain(line), place
        fields = self._quoted(line)
        if fields is not None and len(fields) == self.width:
            return fields, place
        if line.count('"') % 2:
            whole, end = self._joined(place)
            if whole is not None and not self._is_lone(place, end):
                return whole, end
        plain = self._plain(line)
        return plain if fields is None or len(plain) == self.width else fields, place

    def _joined(self, place: int) -> tuple[list[str] | None, int]:
        """A record of several lines: as many as its quotation needs."""
        whole, marks = self.lines[place], self.lines[place].count('"')
        lines = [whole]
        for end in range(place + 1, min(place + LONGEST, len(self.lines))):
            line = self.lines[end]
            lines.append(line)
            marks += line.count('"')
            if '"' in line and marks % 2 == 0:
                fields = self._quoted("\n".join(lines))
                if fields is not None and len(fields) == self.width:
                    return fields, end
        return None, place

    def _is_lone(self, place: int, end: int) -> bool:
        """Whether every line is a row of its own, and a column holds values that recur."""
        rows = [self._plain(line) for line in self.lines[place : end + 1]]
        if any(len(row) != self.width for row in rows):
            return False
        columns = zip(*rows, strict=True)
        return any(
            set(column) <= known for column, known in zip(columns, self._recurring(), strict=True)
        )

    def _recurring(self) -> list[set[str]]:
        """Values that stand in several lines, of every column; none of a column of texts."""
        if self._values is None:
            counts: list[Counter[str]] = [Counter() for _ in range(self.width)]
            for line in self.lines:
                fields = self._plain(line)
                if len(fields) == self.width:
                    for count, value in zip(counts, fields, strict=True):
                        count[value] += 1
            kept = [{value for value in c if c[value] > 1} for c in counts]
            self._values = [known if len(known) <= MOST_VALUES else set() for known in kept]
        return self._values

    def _plain(self, line: str) -> list[str]:
        return self._trimmed(line.split(self.delimiter) if self.width > 1 else [line])

    def _quoted(self, record: str) -> list[str] | None:
        """Fields of a record whose quotations close, doubled or escaped as in MySQL; else None."""
        modes: list[dict[str, str | bool]] = [{}]
        if '\\"' in record:
            modes.append({"escapechar": "\\", "doublequote": False})
        first = None
        for mode in modes:
            try:
                (fields,) = csv.reader(
                    [record], delimiter=self.delimiter, skipinitialspace=True, strict=True,
                    **mode,  # type: ignore[arg-type]
                )  # fmt: skip
            except (csv.Error, ValueError):
                continue
            if len(fields := self._trimmed(fields)) == self.width:
                return fields
            first = first or fields
        return first

    def _trimmed(self, fields: list[str]) -> list[str]:
        """Without space around them, and without empty fields beyond the header's."""
        fields = [value.strip() for value in fields]
        while len(fields) > self.width and not fields[-1]:
            fields.pop()
        return fields
