"""All runs below a folder, side by side."""

import statistics
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from handloom.errors import UserError
from handloom.runs.directory import RunDirectory, find_runs
from handloom.runs.records import Metrics, Options, RunConfig, RunRow
from handloom.runs.repeats import RepeatsDirectory
from handloom.wording import kind_and_reason

NETWORK = ("preset", "network", "cell")  # the options that name the network and its training
ODD = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)  # what odd files cause
READ = ("format", "job", "data", "epochs", "created", "options")  # of config.json
NOT_COMPARED = (
    "epochs",
    "out",
    "frames",
    "memory_in_use",
)  # in a column, or different in every run


def overview(folder: Path) -> list[RunRow]:
    """One record a run, oldest first.

    What differs is the network, where the runs of the job have several, and the options whose value
    is not the same in all runs of the same job, network and data; epochs, files that are written
    and measured values are not among them. Repeated runs are one record, with those of each under
    "runs", unless their own directory is looked at.
    """
    summaries = [summary(run) for run in find_runs(folder)]
    return side_by_side(sorted(summaries, key=lambda row: row["created"]), folder)


def side_by_side(summaries: list[RunRow], folder: Path) -> list[RunRow]:
    """What `overview` returns, from what `summary` gives of each run, oldest first."""
    runs = _grouped(summaries, folder)
    varied = _varied(runs)
    for run in runs:
        run["differs"] = _differs(run, varied)
    return [_shown(run) for run in runs]


def _shown(run: RunRow) -> RunRow:
    """A row without what it was compared by."""
    shown = run.copy()
    del shown["options"], shown["source"]
    return shown


def _grouped(runs: list[RunRow], folder: Path) -> list[RunRow]:
    """One record in place of the repeated runs of a directory, where the first of them stands."""
    groups: dict[Path, list[RunRow]] = {}
    for run in runs:
        path = Path(run["run"])
        is_repeated = RepeatsDirectory.is_at(path.parent) and path.parent != folder
        groups.setdefault(path.parent if is_repeated else path, []).append(run)
    return [
        _repeated(path, members) if RepeatsDirectory.is_at(path) else members[0]
        for path, members in groups.items()
    ]


def _repeated(path: Path, runs: list[RunRow]) -> RunRow:
    """Metrics are means over the runs that finished, and NAME_std their standard deviations."""
    planned = len(RepeatsDirectory(path).runs)
    seed = "split_seed" if RepeatsDirectory(path).plan().get("vary") == "split" else "seed"
    runs = sorted(runs, key=lambda run: (len(run["run"]), run["run"]))  # run 10 after run 2
    done = [run["metrics"] for run in runs if run["status"] == "finished"]
    metrics: Metrics = {}
    for name in done[0] if done else ():
        values = [float(other[name]) for other in done if name in other]
        metrics[name] = statistics.mean(values)
        if len(values) > 1:
            metrics[f"{name}_std"] = statistics.stdev(values)
    first = runs[0].copy()
    first.pop("interval", None)
    first.pop("interim", None)
    return first | {
        "run": str(path),
        "status": f"{len(done)} of {planned} runs",
        "epochs": sum(run["epochs"] for run in runs),
        "planned": planned * (runs[0]["planned"] or 0) or None,
        "minutes": round(sum(run["minutes"] for run in runs), 2),
        "metrics": metrics,
        "options": {name: value for name, value in runs[0]["options"].items() if name != seed},
        "runs": [_shown(run) for run in runs],
    }


def _varied(runs: list[RunRow]) -> dict[tuple[Any, ...], set[str]]:
    """Names of the options that have several values among the runs of a kind, or of a job; a run
    of a version without an option has no value of it."""
    first: dict[tuple[Any, ...], Options] = {}
    varied: dict[tuple[Any, ...], set[str]] = {}
    for run in runs:
        for group in (_kind(run), (run["job"],)):
            options = first.setdefault(group, {})
            names = varied.setdefault(group, set())
            names |= {
                name
                for name, value in run["options"].items()
                if options.setdefault(name, value) != value
            }
    return varied


def _differs(run: RunRow, varied: dict[tuple[Any, ...], set[str]]) -> Options:
    options, of_job, of_kind = run["options"], varied[(run["job"],)], varied[_kind(run)]
    first = [name for name in options if name in NETWORK and name in of_job]
    others = [name for name in options if name in of_kind and name not in (*NETWORK, *NOT_COMPARED)]
    return {name: options[name] for name in (*first, *others) if options[name] is not None}


def _kind(run: RunRow) -> tuple[Any, ...]:
    return (run["job"], run["source"], *(run["options"].get(name) for name in NETWORK))


def summary(run: RunDirectory) -> RunRow:
    """What stands in the files of one run; `overview` says what, and adds what differs."""
    try:
        config, lines = run.known_config(until=READ), run.metrics()
        last = lines[-1] if lines else {}
        evaluation = run.evaluation()
        metrics: Mapping[str, Any] = evaluation or {
            name.partition("/")[2]: value
            for name, value in last.items()
            if name.startswith("valid/")
        }
        row: RunRow = {
            "run": str(run.path),
            "job": config["job"],
            "data": _title(config["data"]),
            "status": (status := standing(run)),
            "epochs": int(last.get("epoch", 0)),
            "planned": config.get("epochs"),
            "minutes": round(_seconds(run, last, status) / 60, 2),
            "created": _created(run, config),
            "metrics": {
                k: v
                for k, v in metrics.items()
                if isinstance(v, int | float) and not isinstance(v, bool)
            },
            "options": dict(config["options"]),
            "source": config["data"],
        }
        if evaluation is None and row["metrics"]:
            row["interim"] = True
        if "interval" in metrics:
            row["interval"] = metrics["interval"]
        if metrics.get("optimistic"):
            row["optimistic"] = metrics.get("optimistic_because", [])
        return _checked(row)
    except UserError as error:
        return damaged(run, str(error))
    except ODD as error:
        return damaged(run, f"its files hold what no run has ({kind_and_reason(error)})")


def _checked(row: RunRow) -> RunRow:
    """The same row, if what it is shown and compared by has the types that it should have."""
    hash(_kind(row))
    for value in row["metrics"].values():
        float(value)
    ends, planned = row.get("interval", []), row["planned"]
    texts = [row["job"], row["source"], row["status"], *row["options"]]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a number where a text should be")
    if not all(isinstance(end, int | float) for end in (*ends, planned or 0, row["epochs"])):
        raise TypeError("a text where a number should be")
    return row


def _created(run: RunDirectory, config: RunConfig) -> float:
    """When a run was begun, in seconds since 1970: by its config.json, or by the time of that file,
    which is written again at the end of some trainings."""
    with suppress(KeyError, TypeError, ValueError, OverflowError):
        return datetime.fromisoformat(config["created"]).timestamp()
    with suppress(OSError):
        return (run.path / "config.json").stat().st_mtime
    return 0.0


def _seconds(run: RunDirectory, last: Mapping[str, Any], status: str) -> float:
    """How long a run was trained, with its trials; in its first epoch the time since it began."""
    known = float(last.get("seconds", 0.0)) + _trying(run)
    began = run.path / "status.json"  # written when a training begins, or goes on
    if last or status != "running" or not began.exists():
        return known
    return max(known, time.time() - began.stat().st_mtime)


def _trying(run: RunDirectory) -> float:
    """Seconds that the trials took, by which some jobs choose before they train."""
    return sum(float(trial.get("seconds", 0.0)) for trial in run.trials())


def _title(data: str) -> str:
    """The name of a file or a folder; of several files, one a line, that of the first."""
    first, *others = data.split("\n")
    return Path(first).name + (f" and {len(others)} more" if others else "")


def standing(run: RunDirectory) -> str:
    """What status.json says; killed, where that is running and no process holds the lock.

    One that is trained is running while a process evaluates it: it cannot be resumed then.
    """
    status = str(run.status()["status"])
    if status not in ("running", "trained"):
        return status
    if run.is_being_written():
        return "running"
    return "killed" if status == "running" else status


def unfinished(run: RunDirectory) -> str | None:
    """A sentence where the networks of a run are not its last ones yet; None where they are, and
    where its status cannot be read, which no answer depends on."""
    try:
        status = standing(run)
    except UserError:
        return None
    if status in ("finished", "trained"):
        return None
    lines, planned = run.metrics(), run.config().get("epochs")
    epoch = int(lines[-1].get("epoch", 0)) if lines else 0
    where = f"epoch {epoch} of {planned}" if planned else "no epoch planned"
    answers = "answers and figures are of its best networks so far"
    if status == "running":
        return f"{run.path} is still running ({where}): {answers}, and change until it is finished"
    return f"{run.path} is not finished ({status}, {where}): {answers}"


def damaged(run: RunDirectory, reason: str) -> RunRow:
    """The summary of a run that cannot be read."""
    return {
        "run": str(run.path),
        "job": "",
        "data": "",
        "status": "damaged",
        "reason": reason,
        "epochs": 0,
        "planned": None,
        "minutes": 0.0,
        "created": _created(run, {}),
        "metrics": {},
        "options": {},
        "source": "",
    }
