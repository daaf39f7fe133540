"""Columns of a user's table as those of an index: their names, kinds and values."""

from collections.abc import Sequence

from handloom.data.text.tokenizer import whole_characters
from handloom.search.records import OWN_COLUMNS, ColumnKind, Value


def usable_name(name: str) -> str:
    """A column that every index has of its own keeps its name; the user's is called table_NAME."""
    return f"table_{name}" if name in OWN_COLUMNS else name


def kind_of(cells: Sequence[str]) -> ColumnKind:
    """Numbers where all cells that are filled in are numbers."""
    values = [cell for cell in cells if cell]
    return "number" if values and all(_number(cell) is not None for cell in values) else "text"


def typed(cell: str, kind: ColumnKind) -> Value | None:
    """A cell as a value of its column; None for an empty one."""
    if not cell:
        return None
    return _number(cell) if kind == "number" else whole_characters([cell])[0]


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
