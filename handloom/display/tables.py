"""Tables of results."""

from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table

from handloom.display.console import Display
from handloom.wording import percent

MOST_ROWS = 20


def classes(found: dict[str, dict[str, float]]) -> Table:
    """Accuracy of every class, the worst first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    unit = "texts" if any("texts" in of for of in found.values()) else "images"
    for heading, justify in (("class", "left"), (unit, "right"), ("accuracy", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for name, of in sorted(found.items(), key=lambda item: item[1]["accuracy"]):
        table.add_row(name, f"{of[unit]:,}", f"{100 * of['accuracy']:.1f} %")
    return table


def show_rows(
    display: Display,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_wrong: Callable[[int], bool] = lambda row: False,
    most: int = MOST_ROWS,
) -> None:
    """The first rows as a table, and how many more there are. is_wrong: rows shown in red."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns:
        table.add_column(heading, overflow="fold")
    for number, row in enumerate(rows[:most]):
        table.add_row(*row, style="red" if is_wrong(number) else None)
    display.print(table)
    if len(rows) > most:
        display.message(
            f"... and {len(rows) - most:,} more: --json or --out table.csv has them all"
        )


def show_predictions(display: Display, records: Sequence[dict[str, Any]]) -> None:
    """The first predictions, the actual class beside the predicted one where it is known."""
    more = [name for name in ("actual", "split", "error") if any(name in r for r in records)]
    rows = [
        [record["input"], record.get("label", ""),
         percent(record["probability"]) if "probability" in record else "",
         *(record.get(name, "") for name in more)]
        for record in records
    ]  # fmt: skip
    columns = ["input", "label", "probability", *more]
    show_rows(display, columns, rows, lambda row: _is_wrong(records[row]))
    for split in dict.fromkeys(record.get("split") for record in records):
        known = [r for r in records if "actual" in r and r.get("split") == split]
        if known:
            right = sum(not _is_wrong(record) for record in known)
            of = f"{split}: " if split else ""
            display.message(
                f"{of}{right:,} of {len(known):,} right ({percent(right / len(known))})"
            )


def _is_wrong(record: dict[str, Any]) -> bool:
    return "actual" in record and record["actual"] != record["label"]
