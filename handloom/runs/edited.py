"""What a person wrote into mistakes.csv, which is never lost when a run writes it anew."""

import csv
import io

from handloom.runs.cells import inert, plain


def has_corrections(old: str) -> bool:
    """Whether a table has something in its column `correction`."""
    return bool(_corrected(old))


def carried_over(new: str, old: str) -> str:
    """The table `new`, with the corrections that stand in `old`.

    They are those of the same file and content; lines of `old` that `new` has not come last.
    """
    corrected = _corrected(old)
    if not corrected:
        return new
    lines = list(csv.DictReader(io.StringIO(new, newline="")))
    columns = next(csv.reader(io.StringIO(new, newline="")))
    for line in lines:
        known = corrected.pop(_key(line), None)
        line["correction"] = line["correction"] if known is None else known["correction"]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for line in [*lines, *corrected.values()]:
        writer.writerow(inert(plain(line.get(name) or "")) for name in columns)
    return text.getvalue()


def _corrected(old: str) -> dict[tuple[str, str], dict[str, str]]:
    """Lines with a correction, by file and content; also after a spreadsheet has saved them."""
    header = old.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    lines = csv.DictReader(io.StringIO(old.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    return {_key(line): line for line in lines if line.get("correction")}


def _key(line: dict[str, str]) -> tuple[str, str]:
    return plain(line.get("file") or ""), plain(line.get("content") or "")
