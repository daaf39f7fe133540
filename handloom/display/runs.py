"""All runs below a folder, side by side."""

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from handloom.display.console import Display
from handloom.display.lines import show_lines
from handloom.runs.records import Metrics, RunRow

MetricFormats = Mapping[str, Callable[[float], str]]
"""Metrics of a job, the main one first, and how a value is shown."""


OPTIMISTIC, INTERIM = " *", " ~"  # behind figures that are
RESULT = "result"  # the column of runs whose jobs have metrics of their own


def show_runs(
    display: Display, runs: list[RunRow], folder: Path, metrics: Mapping[str, MetricFormats]
) -> None:
    """One line a run, and what it differs in below it; nothing is cut at any width. metrics: of
    every job."""
    headings, *rows = zip(*_run_columns(runs, folder, metrics), strict=True)
    below = {place: _differences(display, run) for place, run in enumerate(runs)}
    numbers = [name for name in headings if name not in ("run", "job", "data", "status", RESULT)]
    show_lines(display, headings, rows, numbers, below=below)
    if any("optimistic" in run for run in runs):
        display.message(
            "* optimistic: on data that chose the epoch, or whose labels were corrected", "yellow"
        )
    if any("interim" in run for run in runs):
        display.message("~ after the last epoch so far, on validation data: not evaluated yet")


def _run_columns(
    runs: list[RunRow], folder: Path, metrics: Mapping[str, MetricFormats]
) -> list[list[str]]:
    """Heading and cells of every column: of one job all its metrics, of several the main one."""
    names = [_name(Path(run["run"]), folder) for run in runs]
    columns = [["run", *names]]
    jobs = {run["job"] for run in runs if run["job"]}
    if len(jobs) > 1:
        columns.append(["job", *(run["job"] for run in runs)])
    columns += [
        ["data", *(run["data"] for run in runs)],
        ["status", *(run["status"] for run in runs)],
        ["epochs", *(_epochs(run) for run in runs)],
    ]
    if len(jobs) > 1:
        columns.append([RESULT, *(_result(run, metrics) for run in runs)])
    for metric, show in metrics.get(jobs.pop(), {}).items() if len(jobs) == 1 else ():
        if any(metric in run["metrics"] for run in runs):
            columns.append([metric, *_figures(metric, runs, show)])
    columns.append(["minutes", *(f"{run['minutes']:.2f}" for run in runs)])
    return columns


def _result(run: RunRow, metrics: Mapping[str, MetricFormats]) -> str:
    """The main metric that a run has, by its name."""
    formats = metrics.get(run["job"], {})
    metric = next((name for name in formats if name in run["metrics"]), None)
    if metric is None:
        return ""
    (figure,) = _figures(metric, [run], formats[metric])
    return f"{metric} {figure}"


def _figures(metric: str, runs: list[RunRow], show: Callable[[float], str]) -> list[str]:
    """A metric of every run, marked where it is optimistic, or not the last yet; the numbers stay
    below one another."""
    values = [_value_of(metric, run["metrics"], show) for run in runs]
    marks = [_mark(run) if value else "" for value, run in zip(values, runs, strict=True)]
    width = max(map(len, marks))
    return [value + mark.ljust(width) for value, mark in zip(values, marks, strict=True)]


def _mark(run: RunRow) -> str:
    if "interim" in run:
        return INTERIM
    return OPTIMISTIC if "optimistic" in run else ""


def _value_of(metric: str, metrics: Metrics, show: Callable[[float], str]) -> str:
    """A metric as it is shown, with its interval where few examples were evaluated, and with the
    standard deviation of repeated runs."""
    if metric not in metrics:
        return ""
    if f"{metric}_std" in metrics:
        if not metrics[f"{metric}_std"]:
            return f"{show(metrics[metric])} in all"
        return f"{show(metrics[metric])} ± {show(metrics[f'{metric}_std'])}"
    low, high = metrics.get(f"{metric}_low"), metrics.get(f"{metric}_high")
    if low is None or high is None:
        return show(metrics[metric])
    return f"{show(metrics[metric])} ({show(low)} to {show(high)})"


def _name(run: Path, folder: Path) -> str:
    """The run's path below the folder asked for, which may be the run itself."""
    return run.as_posix() if run == folder else run.relative_to(folder).as_posix()


def _epochs(run: RunRow) -> str:
    """Of those planned; none of what is solved in one step."""
    if run["planned"]:
        return f"{run['epochs']}/{run['planned']}"
    return str(run["epochs"] or "")


def _differences(display: Display, run: RunRow) -> list[str]:
    """Lines of what the run differs in, or why it is damaged: on a terminal wrapped between
    options."""
    differences = [f"{name} {_value(value)}" for name, value in run["differs"].items()]
    text = run.get("reason") or ", ".join(
        difference.replace(" ", "\0") for difference in differences
    )
    width = max(display.width - 4, 20) if display.is_terminal else max(len(text), 1)
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return ["    " + line.replace("\0", " ") for line in lines]


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
