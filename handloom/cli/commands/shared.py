"""What the verbs share: arguments, JSON lines, tables, and the run that is typed."""

import codecs
import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handloom import waiting
from handloom.cli.commands.outputs import check_out
from handloom.errors import UserError
from handloom.runs.cells import inert_row, sheet_bytes

PARQUET = ".parquet"
SWITCHES = ("--json", "--strict")  # all flags without a value of the verbs of runs

if TYPE_CHECKING:
    from handloom.cli.parser import Flag
    from handloom.display.console import Display
    from handloom.jobs.job import Job
    from handloom.jobs.run import Run


def opened(path: Path) -> "Run":
    """A run that a verb is asked of; a note where it is not finished, so that it may change."""
    import handloom
    from handloom.runs.directory import RunDirectory
    from handloom.runs.overview import unfinished

    run = handloom.open(path)
    note = unfinished(RunDirectory(run.path))
    if note is not None:
        progress().note(note)
    return run


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


def print_json(records: Iterable[Mapping[str, object]]) -> None:
    """One object a line, on standard output; characters it cannot show are escaped as in JSON."""
    is_utf8 = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    for record in records:
        waiting.written()
        print(json.dumps(record, ensure_ascii=not is_utf8))


def check_table(out: Path | None) -> None:
    """Refuse, before any work, a table that cannot be written."""
    check_out(out, ".csv", PARQUET)
    if out is not None and out.suffix.lower() == PARQUET and find_spec("pyarrow") is None:
        raise UserError(
            f"--out {out}: Parquet needs pyarrow, which is missing: pip install pyarrow, or name "
            "a .csv"
        )


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """A table with a column for every key there is: Parquet for a name in .parquet, else CSV."""
    from handloom.runs.files import write_whole

    columns = list(dict.fromkeys(key for row in rows for key in row))
    made = _parquet if path.suffix.lower() == PARQUET else _csv
    write_whole(path, made(columns, rows))


def _csv(columns: list[str], rows: list[dict[str, Any]]) -> bytes:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(inert_row(columns))
    writer.writerows(inert_row([row.get(name, "") for name in columns]) for row in rows)
    return sheet_bytes(table.getvalue())


def _parquet(columns: list[str], rows: list[dict[str, Any]]) -> bytes:
    """Columns of strings, numbers or truth values; what a row does not have is null."""
    from pyarrow import BufferOutputStream, table
    from pyarrow.parquet import write_table

    written = {name: [_valid(row.get(name)) for row in rows] for name in columns}
    sink = BufferOutputStream()
    write_table(table(written), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _valid(value: Any) -> Any:
    """A string that UTF-8 can encode: bytes of file names that are not text are escaped."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def typed_job(argv: Sequence[str]) -> "Job | None":
    """The job of the run that is typed, before anything else is understood; None without a run."""
    from handloom.jobs import find_job
    from handloom.runs.directory import RunDirectory

    for word in typed_places(argv):
        if (Path(word) / "config.json").is_file():
            return find_job(str(RunDirectory.open(word).config().get("job")))
    return None


def typed_places(argv: Sequence[str]) -> Iterator[str]:
    """The words that are neither flags nor their values, before the flags are known."""
    for before, word in zip(["", *argv], argv):
        is_flag = before.startswith("--") and before != "--" and "=" not in before
        is_value = is_flag and before.replace("--no-", "--", 1) not in SWITCHES
        if not is_value and not word.startswith("-"):
            yield word


def verb_flags(verb: str, argv: Sequence[str], job_name: str | None = None) -> "list[Flag]":
    """The flags of a verb: of the job of the run that is typed, or of every job that has the verb.

    job_name: of the job, where what is typed is not a run but was made from one. Raises UserError
    where the job of the run has no such verb.
    """
    from handloom.jobs import JOBS, find_job

    job = typed_job(argv) if job_name is None else find_job(job_name)
    if job is not None:
        return _flags_of(job, verb)
    jobs = [job for job in map(find_job, JOBS) if verb in job.verbs]
    takers: dict[str, list[tuple[str, Flag]]] = {}
    for job in jobs:
        for each in _flags_of(job, verb):
            takers.setdefault(each.name, []).append((job.name, each))
    return [_of_several(each, len(jobs)) for each in takers.values()]


def description(verb: str, sentence: str) -> str:
    """The description of a verb that takes runs of several jobs, for its help."""
    return f"{sentence} 'handloom {verb} RUN --help' lists only what that run takes."


def _flags_of(job: "Job", verb: str) -> "list[Flag]":
    from handloom.cli.parser import config_flags

    options = job.verb(verb).options
    return [] if options is None else config_flags(options)


def _of_several(takers: "Sequence[tuple[str, Flag]]", jobs: int) -> "Flag":
    """A flag with its meaning for each job that takes it; jobs: how many have the verb."""
    first = takers[0][1]
    meanings: dict[str, list[str]] = {}
    for job, flag in takers:
        meanings.setdefault(flag.help, []).append(job)
    if len(meanings) == 1 and len(takers) == jobs:
        return first
    help = "; ".join(f"{', '.join(names)}: {help}" for help, names in meanings.items())
    if any(flag.default != first.default for _, flag in takers):
        first = first._replace(kind=first.kind | None, default=None)
    return first._replace(help=help)
