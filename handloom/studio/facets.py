"""What the columns of an index hold, from which a page makes its filters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from handloom.search.holding import MOST, ColumnValues, row_of
from handloom.search.index import Index
from handloom.search.records import CAPTIONS, ColumnKind, Value

MOST_VALUES = 500  # of a column
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def facets(index: Index) -> dict[str, dict[str, Any]]:
    """Columns that tell images apart, with the values of text and the ends of numbers and dates.

    {"label": {"kind": "text", "values": [["dress", 40], ...]}, "size": {"kind": "number", "low",
    "high"}, "date": {"kind": "date", "low", "high"}}; of text the commonest values.
    """
    if len(index) > MOST:
        return {}
    rows = [row_of(entry) for entry in index.store.entries() if entry.reason is None]
    columns = index.store.columns()
    made = {name: _facet(name, kind, rows) for name, kind in columns.items() if _is_told(name)}
    if _folders_are_labels(rows):
        made.pop("folder", None)
    return {name: facet for name, facet in made.items() if facet is not None}


def _is_told(name: str) -> bool:
    return name != "path" and name.lower() not in CAPTIONS


def _facet(name: str, kind: ColumnKind, rows: list[ColumnValues]) -> dict[str, Any] | None:
    values = list(_values(name, rows))
    if len(set(values)) < 2:
        return None
    if kind == "number":
        numbers = [value for value in values if isinstance(value, int | float)]
        return {"kind": "number", "low": min(numbers), "high": max(numbers)}
    texts = [str(value) for value in values]
    if all(DAY.match(text) for text in texts):
        days = [text[:10] for text in texts]
        ends = {"low": min(days), "high": max(days)}
        return {"kind": "date", **ends} if min(days) < max(days) else None
    counts = Counter(texts).most_common(MOST_VALUES)
    return {"kind": "text", "values": sorted([value, count] for value, count in counts)}


def _values(name: str, rows: list[ColumnValues]) -> Iterator[Value]:
    for row in rows:
        value = row.get(name)
        if value is not None and value != "":
            yield value


def _folders_are_labels(rows: list[ColumnValues]) -> bool:
    pairs = {(row["folder"], row["label"]) for row in rows}
    folders, labels = {folder for folder, _ in pairs}, {label for _, label in pairs}
    return len(folders) == len(labels) == len(pairs)
