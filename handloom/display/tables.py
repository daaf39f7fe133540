"""Tables of results."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from handloom.display.console import Display
from handloom.display.lines import show_lines
from handloom.jobs.classification.answers import likeliest, share_answered
from handloom.jobs.classification.evaluation import SAID
from handloom.jobs.results import Prediction, is_abstained, is_learned, is_wrong, shares_right
from handloom.wording import interval, percent, pluralize

if TYPE_CHECKING:
    from handloom.jobs.classification.evaluation import Evaluation
    from handloom.metrics.classification import Unit

MOST_ROWS = 20
MOST_CLASSES = 50  # of more, the worst MOST_ROWS are shown
SCORES: tuple[Literal["precision", "recall", "f1"], ...] = ("precision", "recall", "f1")


def show_classes(display: Display, evaluation: Evaluation) -> None:
    """Precision, recall and F1 of every class, the worst first, and their means over the classes
    that occur, as macro F1 is one."""
    unit: Unit = "texts" if "texts" in evaluation else "images"
    entries = evaluation["classes"]
    headings = ("class", unit, "precision", "recall", "F1")
    ordered = sorted(entries.items(), key=lambda item: item[1]["f1"])
    shown = ordered[:MOST_ROWS] if len(ordered) > MOST_CLASSES else ordered
    rows = [
        (name, f"{entry[unit]:,}", *(f"{100 * entry[key]:.1f} %" for key in SCORES))
        for name, entry in shown
    ]
    if len(shown) < len(ordered):
        more = f"... and {len(ordered) - len(shown):,} more: --json has them all"
        rows.append((more, *[""] * 4))
    occurring = [entry for entry in entries.values() if entry[unit]]
    means = (sum(entry[key] for entry in occurring) / len(occurring) for key in SCORES)
    rows.append(("mean", f"{evaluation[unit]:,}", *(f"{100 * mean:.1f} %" for mean in means)))
    show_lines(display, headings, rows, headings[1:], {len(rows) - 1: "bold"})


def show_rows(
    display: Display,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_wrong: Callable[[int], bool] = lambda row: False,
    most: int = MOST_ROWS,
    rest: str = "",
) -> None:
    """The first rows as a table, and how many more there are. is_wrong: rows shown in red. rest:
    how a person gets the others, which this verb must take."""
    shown = rows[:most]
    styles = {place: "red" for place in range(len(shown)) if is_wrong(place)}
    show_lines(display, columns, shown, styles=styles)
    if len(rows) > most:
        display.message(f"... and {len(rows) - most:,} more: {rest}")


def show_predictions(
    display: Display, records: Sequence[Prediction], group: Sequence[str] | None = None
) -> None:
    """The first predictions, the actual class beside the predicted one where it is known.

    group: as of `shares_right`.
    """
    more = [
        name for name in ("actual", "split", "note", "error") if any(name in r for r in records)
    ]
    also = ["also likely"] if any(map(_also, records)) else []
    start = len(shared_folder([record["input"] for record in records]))
    rows = [
        [record["input"][start:], _answer(record),
         percent(record["probability"]) if "probability" in record else "",
         *(_also(record) for _ in also), *(str(record.get(name, "")) for name in more)]
        for record in records
    ]  # fmt: skip
    columns = ["input", "label", "probability", *also, *more]
    rest = "--json or --out table.csv has them all"
    show_rows(display, columns, rows, lambda row: is_wrong(records[row]), rest=rest)
    for line in summary(records, group):
        display.message(line)


def shared_folder(names: Sequence[str]) -> str:
    """The folder that all of several files lie in, with its slash, as their names begin with it
    (./photos/ too), which a table need not repeat on every line; "" where there is none, as of
    texts."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)  # what these share, all do
    count = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    shared = first[:count]
    folder = shared[: max(map(shared.rfind, (os.sep, os.altsep or os.sep))) + 1]
    return folder if os.path.isdir(folder) else ""


def summary(records: Sequence[Prediction], group: Sequence[str] | None = None) -> list[str]:
    """How many predictions are answers, where a threshold was given, and how many are right, with
    an interval that counts groups (`shares_right`)."""
    lines, share = [], share_answered(records)
    if share is not None:
        abstained = share.asked - share.answered
        line = f"answered {share.answered:,} of {share.asked:,} "
        line += f"({percent(share.answered / share.asked)}), abstained from {abstained:,}"
        if share.known:
            line += f", of which the likeliest class is right for {share.right:,}"
        lines.append(line)
    for split, right, known, (low, high), groups in shares_right(records, group):
        of = f"{split}: " if split else ""
        answers = "answers " if share is not None else ""
        lines.append(
            f"{of}{right:,} of {known:,} {answers}right ({percent(right / known)}, "
            f"{interval(low, high)}{_counting(groups, known)})"
        )
    learned = sum("actual" in record and is_learned(record) for record in records)
    if learned:
        other = "the other " if lines else ""
        were = "was" if learned == 1 else "were"
        lines.append(f"{other}{learned:,} {were} trained on: a right answer proves nothing there")
    return lines


def _counting(groups: int, known: int) -> str:
    """What an interval counts, where many examples belong together."""
    return f", of {pluralize(groups, 'group')}" if groups < SAID * known else ""


def _answer(record: Prediction) -> str:
    return "(abstained)" if is_abstained(record) else str(record.get("label", ""))


def _also(record: Prediction) -> str:
    """The likeliest classes after the first; all of them where there is no answer."""
    first = 0 if is_abstained(record) else 1
    classes = likeliest(record, len(record["top"]))[first:] if "top" in record else []
    return ", ".join(f"{entry['label']} {percent(entry['probability'])}" for entry in classes)
