"""Shares with their intervals: one on a scale, many as small bars."""

from collections.abc import Sequence

from markupsafe import Markup

from handloom.reports.page import table
from handloom.wording import percent


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
        '<span class="bar" title="{low:.0f} to {high:.0f} %"><i style="left:{low:.1f}%;'
        'width:{width:.1f}%"></i><b style="left:{value:.1f}%"></b></span> {value:.0f} %'
    ).format(low=100 * low, high=100 * high, width=100 * (high - low), value=100 * value)


def class_table(classes: dict[str, dict[str, float | list[float]]], unit: str) -> Markup:
    """Every class of an evaluation, the lowest recall first: recall with its interval, precision,
    F1."""
    rows = []
    for name, entry in sorted(classes.items(), key=lambda item: (item[1]["recall"], item[0])):
        interval = entry["interval"]
        assert isinstance(interval, list)
        recall = bar(float(entry["recall"]), interval) if entry[unit] else "–"  # type: ignore[arg-type]
        rows.append(
            [name, entry[unit], recall, percent(float(entry["precision"])), f"{entry['f1']:.3f}"]  # type: ignore[arg-type]
        )
    return table(["class", unit, "recall, 95 % interval", "precision", "F1"], rows)


def _place(share: float) -> str:
    """Where a text above a point begins, or ends, so that it stays on the page."""
    if share <= 0.5:
        return f"left:{100 * share:.2f}%"
    return f"right:{100 - 100 * share:.2f}%"
