"""The results of repeated runs: a line for each, and the mean with its standard deviation."""

from collections.abc import Callable, Mapping
from typing import Any

from handloom.display.console import Display
from handloom.display.tables import show_rows
from handloom.runs.records import RepeatsSummary
from handloom.wording import interval, percent, pluralize

Shown = Mapping[str, Callable[[float], str]]
"""Metrics of a job by name, and how a value is shown."""
UNITS = ("images", "texts")  # what an accuracy is of


def show_repeats(display: Display, summary: RepeatsSummary, metrics: Shown) -> None:
    """metrics: those of the job."""
    names = [name for name in metrics if name in summary["metrics"]]
    has_interval = any("interval" in row for row in summary["runs"])
    rows = [
        [row["run"], str(row["seed"]), row["status"],
         *(metrics[name](row[name]) if name in row else "" for name in names),
         *([_interval(row)] if has_interval else [])]
        for row in summary["runs"]
    ]  # fmt: skip
    seed = "split seed" if summary.get("vary") == "split" else "seed"
    columns = ["run", seed, "status", *names, *([""] if has_interval else [])]
    show_rows(display, columns, rows, most=len(rows))
    for name in names:
        display.message(sentence(name, summary, metrics[name]))


def sentence(name: str, summary: RepeatsSummary, show: Callable[[float], str]) -> str:
    """Mean and standard deviation of a metric over the runs that finished, in one line."""
    entry = summary["metrics"][name]
    finished = [row for row in summary["runs"] if name in row]
    split = finished[0].get("split")
    where = f" on {split}" if split else ""
    over = f"{pluralize(entry['n'], 'run')}{where}"
    left = len(summary["runs"]) - len(finished)
    failed = f"; {pluralize(left, 'run')} failed" if left else ""
    optimistic = _optimistic(finished)
    if entry["std"] is None:
        return f"{name}: {show(entry['mean'])} of {over}{failed}{optimistic}"
    if len({row[name] for row in finished}) == 1:
        why = _equal(finished, summary)
        return f"{name}: {show(entry['mean'])} in all {over}{failed}{why}{optimistic}"
    return (
        f"{name}: mean {show(entry['mean'])}, standard deviation {show(entry['std'])} over {over}"
        f"{failed}{optimistic}"
    )


def _equal(rows: list[dict[str, Any]], summary: RepeatsSummary) -> str:
    """Why a metric is the same in all runs: equal networks, or chance, where few examples leave it
    few values; "" of runs of an older version, whose networks were not compared."""
    weights = {row.get("weights") for row in rows}
    if None in weights:
        return ""
    if len(weights) == 1 and summary.get("vary") == "split":
        return ": the split seed changes nothing here, as where the data have splits of their own"
    if len(weights) == 1:
        return ": the seed changes nothing here, as where a head is solved and not trained"
    chance = ", though their networks differ"
    unit = next((unit for unit in UNITS if unit in rows[0] and "interval" in rows[0]), None)
    if unit is None:
        return f"{chance}: the deviation is not truly 0"
    several = pluralize(rows[0][unit], unit.removesuffix("s"))
    return f"{chance}: {several} show no difference below {percent(1 / rows[0][unit])}"


def _optimistic(rows: list[dict[str, Any]]) -> str:
    """Why the runs' figures are optimistic, each reason once; "" where none is."""
    reasons = [
        reason
        for row in rows
        if row.get("optimistic")
        for reason in row.get("optimistic_because", ["this split also chose the epoch"])
    ]
    return f"; optimistic: {'; '.join(dict.fromkeys(reasons))}" if reasons else ""


def _interval(row: dict[str, Any]) -> str:
    return interval(*row["interval"]) if "interval" in row else ""
