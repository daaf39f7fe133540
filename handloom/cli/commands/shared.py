"""What the verbs share: arguments, consoles, JSON lines and tables."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from handloom.cli.parser import Flag


def run_argument() -> "Flag":
    """The run directory a verb works on."""
    from handloom.cli.parser import positional

    return positional("run", Path, "a run directory")


def json_flag() -> "Flag":
    """--json."""
    from handloom.cli.parser import flag

    return flag("json", bool, "one JSON object a line", False)


def console(stdout: bool = False) -> "Console":
    """Results go to standard output, everything else to standard error."""
    from rich.console import Console

    return Console(stderr=not stdout)


def print_json(records: Iterable[dict[str, Any]]) -> None:
    """One object a line, on standard output."""
    for record in records:
        print(json.dumps(record, ensure_ascii=False))


def write_table(path: Path, records: list[dict[str, Any]]) -> None:
    """A CSV table of predictions: one row an input, one column a class."""
    rows = [
        {k: v for k, v in record.items() if k != "probabilities"} | record["probabilities"]
        for record in records
    ]
    write_rows(path, rows)


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """A CSV table with a column for every key there is."""
    from handloom.runs.files import writable

    columns = list(dict.fromkeys(key for row in rows for key in row))
    with writable(path), open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
