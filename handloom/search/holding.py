"""What the columns of an index hold, and why no image of it meets a condition."""

from collections.abc import Iterator
from itertools import islice

from handloom.search.filters import And, Compare, Condition, In, Like, holds
from handloom.search.records import Entry, EntryKind, Value
from handloom.search.store import VectorStore
from handloom.wording import join_and, join_or, nearest

LOOKED_AT = 10_000  # entries that say what a column holds
MOST = 200_000  # entries that are looked through for what no image meets, in about 2 s
FEW = 8  # values that are listed
MANY = 5_000  # values among which no similar one is looked for

ColumnValues = dict[str, Value | None]


def row_of(entry: Entry) -> ColumnValues:
    """The columns of a file as conditions name them."""
    folder = entry.path.rpartition("/")[0]
    own = {"path": entry.path, "folder": folder, "label": entry.label, "split": entry.split}
    return {**own, "size": entry.size, "date": entry.date, **dict(entry.own)}


def cells_of(store: VectorStore, column: str) -> list[str]:
    """Texts in a column of the user's, of the first entries."""
    values = (dict(entry.own).get(column) for entry in islice(store.entries(), LOOKED_AT))
    return [value for value in values if isinstance(value, str) and value]


def why_none(store: VectorStore, condition: Condition, kind: EntryKind) -> str | None:
    """What of a condition no image meets: a column without a value, or a value that it has not.

    None where every part of it is met by an image, and in a collection that is too large to be
    looked through.
    """
    if store.count()[0] > MOST:
        return None
    rows = [row_of(entry) for entry in store.entries() if entry.reason is None]
    reasons = (_why(part, rows, kind) for part in _needed(condition))
    return next((reason for reason in reasons if reason is not None), None)


def _needed(condition: Condition) -> Iterator[Compare | In | Like]:
    """Comparisons that must be true for a condition to be."""
    if isinstance(condition, And):
        for part in condition.conditions:
            yield from _needed(part)
    elif isinstance(condition, Compare | In | Like):
        yield condition


def _why(test: Compare | In | Like, rows: list[ColumnValues], kind: EntryKind) -> str | None:
    if any(holds(test, row) for row in rows):
        return None
    column = test.column
    values = {value for row in rows if (value := row.get(column)) is not None}
    if not values:
        return f"no {kind.removesuffix('s')} has a {column}"
    if isinstance(test, Like):
        return None
    if isinstance(test, Compare) and test.operator != "=":
        low, high = min(values, key=_order), max(values, key=_order)
        return f"{column} is from {_shown(low)} to {_shown(high)}"
    wanted = test.values if isinstance(test, In) else (test.value,)
    return (
        f"{column} has no {join_or([_shown(value) for value in wanted])}{_instead(wanted, values)}"
    )


def _instead(wanted: tuple[Value, ...], values: set[Value]) -> str:
    names = [value for value in values if isinstance(value, str)] if len(values) <= MANY else []
    near = [nearest(value, names) for value in wanted if isinstance(value, str)]
    meant = list(dict.fromkeys(_shown(name) for name in near if name is not None))
    if meant:
        return f": did you mean {join_or(meant)}?"
    some = [_shown(value) for value in sorted(values, key=_order)]
    return f": it has {join_and(some)}" if len(some) <= FEW else ""


def _shown(value: Value) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value:g}"


def _order(value: Value) -> tuple[str, float]:
    return (value, 0) if isinstance(value, str) else ("", value)
