"""What the verbs share: arguments, JSON lines, tables, and the run that is typed."""

import codecs
import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.display.console import Display
    from handloom.jobs.job import Job


def run_argument() -> "Flag":
    """The run directory a verb works on."""
    from handloom.cli.parser import positional

    return positional("run", Path, "a run directory")


def json_flag() -> "Flag":
    """--json."""
    from handloom.cli.parser import flag

    return flag("json", bool, "print one JSON object a line", False)


def results() -> "Display":
    """Standard output, where results go; everything else goes to standard error."""
    from handloom.display.console import Display

    return Display(stderr=False)


def progress() -> "Display":
    """Standard error, where everything goes that is not a result."""
    from handloom.display.console import Display

    return Display(stderr=True)


def print_json(records: Iterable[dict[str, Any]]) -> None:
    """One object a line, on standard output; characters it cannot show are escaped as in JSON."""
    is_utf8 = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    for record in records:
        print(json.dumps(record, ensure_ascii=not is_utf8))


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """A CSV table with a column for every key there is."""
    from handloom.runs.files import write_whole

    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, columns)
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, table.getvalue().encode("utf-8", "backslashreplace"))


def typed_job(argv: Sequence[str]) -> "Job | None":
    """The job of the run that is typed, before anything else is understood; None without a run."""
    from handloom.jobs import find_job
    from handloom.runs.directory import RunDirectory

    for before, word in zip(["", *argv], argv):
        is_value = before.startswith("--") and "=" not in before and before != "--json"
        if not is_value and not word.startswith("-") and (Path(word) / "config.json").is_file():
            return find_job(str(RunDirectory.open(word).config().get("job")))
    return None


def verb_flags(verb: str, argv: Sequence[str]) -> "list[Flag]":
    """The flags of a verb: of the job of the run that is typed, or of every job that has the verb.

    Flags that only other jobs have are named in the error for an unknown flag, not accepted.
    """
    from handloom.cli.parser import config_flags
    from handloom.jobs import JOBS, find_job

    job = typed_job(argv)
    jobs = [find_job(name) for name in JOBS] if job is None else [job]
    flags: dict[str, Flag] = {}
    for each in jobs:
        options = each.verbs[verb].options if verb in each.verbs else None
        for flag in config_flags(options) if options is not None else []:
            flags.setdefault(flag.name, flag)
    return list(flags.values())
