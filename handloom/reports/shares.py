"""Shares with their intervals: one on a scale, many as small bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from handloom.reports.page import table

if TYPE_CHECKING:
    from handloom.metrics.classification import ClassScores, Unit

UNFOLDED = 25  # classes; more are folded


def scale(value: float, interval: Sequence[float], mark: float, mark_name: str) -> Markup:
    """A share of 1 on a scale from 0 to 100 %, with its interval, and a mark to compare it with."""
    low, high = interval
    shown = f"{100 * value:.1f} %, between {100 * low:.0f} and {100 * high:.0f} %"
    return Markup(
        '<div class="scale" role="img" aria-label="{shown}"><i class="track"></i>'
        '<i class="range" style="left:{low:.2f}%;width:{width:.2f}%"></i>'
        '<i class="tick" style="left:{mark:.2f}%"></i><b class="value" style="left:{value:.2f}%">'
        '</b><span class="above" style="{place}">{shown}</span>'
        '<span class="below" style="{mark_place}">{mark_name}</span></div>'
    ).format(
        shown=shown, low=100 * low, width=100 * (high - low), value=100 * value, mark=100 * mark,
        mark_name=mark_name, place=_place(value), mark_place=_place(mark),
    )  # fmt: skip


def bar(value: float, interval: Sequence[float]) -> Markup:
    """A share of 1 and its interval as a small bar, with the figures beside it."""
    low, high = interval
    return Markup(
        '<span class="share"><span class="bar" title="{low:.0f} to {high:.0f} %"><i style="left:'
        '{low:.1f}%;width:{width:.1f}%"></i><b style="left:{value:.1f}%"></b></span> '
        "{value:.0f} %</span>"
    ).format(low=100 * low, high=100 * high, width=100 * (high - low), value=100 * value)


def class_table(classes: Mapping[str, ClassScores], unit: Unit) -> Markup:
    """Every class of an evaluation, the lowest recall first: recall with its interval, precision,
    F1."""
    rows: list[list[Any]] = []
    for name, entry in sorted(classes.items(), key=lambda item: (item[1]["recall"], item[0])):
        recall = bar(entry["recall"], entry["interval"]) if entry[unit] else "–"
        precision = f"{100 * entry['precision']:.0f} %" if entry["predicted"] else "–"
        rows.append([name, entry[unit], recall, precision, f"{entry['f1']:.3f}"])
    headings = ["class", unit, "recall, 95 % interval", "precision", "F1"]
    first = table(headings, rows[:UNFOLDED])
    if len(rows) <= UNFOLDED:
        return first
    return first + Markup("<details><summary>{:,} more classes</summary>{}</details>").format(
        len(rows) - UNFOLDED, table(headings, rows[UNFOLDED:])
    )


def _place(share: float) -> str:
    """Where a text above a point begins, or ends, so that it stays on the page."""
    if share <= 0.5:
        return f"left:{100 * share:.2f}%"
    return f"right:{100 - 100 * share:.2f}%"
