"""Evaluate finished runs, and make their reports."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from handloom.cli.commands.shared import (
    description,
    json_flag,
    opened,
    print_json,
    progress,
    results,
    run_argument,
    typed_job,
    verb_flags,
)
from handloom.wording import pluralize

MOST_ERRORS = 10  # named; --json has them all


def evaluate(argv: list[str]) -> int:
    """`handloom evaluate RUN [DATA]`, and of an index `handloom evaluate INDEX queries.csv`."""
    from handloom.cli.commands.examples import evaluate_index, is_of_index
    from handloom.cli.parser import parse, positional

    if typed_job(argv) is None and is_of_index(argv):
        return evaluate_index(argv)

    flags = [
        run_argument(),
        positional("data", str | None, "data other than the run's test split", None),
        *verb_flags("evaluate", argv),
        json_flag(),
    ]
    given = parse(
        flags,
        argv,
        "handloom evaluate",
        description("evaluate", "Print the metrics of a finished run."),
    )
    from handloom.display.tables import show_classes

    path, data, as_json = given.pop("run"), given.pop("data"), given.pop("json")
    run = opened(path)
    evaluation = run.call("evaluate", data, **given)
    if as_json:
        print_json([evaluation])
        return 0
    screen = results()
    screen.message(run.describe(evaluation))
    show_left_out(evaluation)
    if "classes" in evaluation:
        show_classes(screen, evaluation)
    return 0


def show_notes(notes: Iterable[str]) -> None:
    """Sentences on the data, on standard error."""
    for note in notes:
        progress().note(note)


def show_left_out(evaluation: dict[str, Any]) -> None:
    """What was understood, and what could not be read, on standard error."""
    show_notes(evaluation.get("notes", ()))
    show_errors([{"input": entry["path"], "error": entry["reason"]}
                 for entry in evaluation.get("broken", ())])  # fmt: skip


def show_errors(records: Sequence[Mapping[str, Any]]) -> None:
    """Inputs that cannot be read, the first ten by name, on standard error."""
    failed = [record for record in records if "error" in record]
    if not failed:
        return
    screen = progress()
    screen.note(f"{pluralize(len(failed), 'input')} cannot be read:")
    for record in failed[:MOST_ERRORS]:
        screen.note(f"  {record['input']}: {record['error']}")
    if len(failed) > MOST_ERRORS:
        screen.note(f"  and {len(failed) - MOST_ERRORS:,} more: --json has them all")


def report(argv: list[str]) -> int:
    """`handloom report RUN`."""
    from handloom.cli.parser import parse

    flags = [run_argument(), json_flag()]
    given = parse(flags, argv, "handloom report", "Make report.html from a run.")
    path = opened(given["run"]).report()
    if given["json"]:
        print_json([{"run": str(given["run"]), "report": str(path)}])
    else:
        results().message(str(path))
    return 0
