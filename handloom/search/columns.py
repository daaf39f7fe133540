"""Columns of a user's table as those of an index: their names, kinds and values."""

from collections.abc import Sequence
from typing import NamedTuple

from handloom.data.io.numbers import NumberColumn, read_numbers
from handloom.data.text.tokenizer import whole_characters
from handloom.search.records import OWN_COLUMNS, ColumnKind, Value
from handloom.wording import pluralize


class UserColumn(NamedTuple):
    """A column: its kind, the value of every cell, None for an empty one, and sentences on how
    it was read."""

    kind: ColumnKind
    values: list[Value | None]
    notes: tuple[str, ...]


def usable_name(name: str) -> str:
    """A column that every index has of its own keeps its name; the user's is called table_NAME."""
    return f"table_{name}" if name in OWN_COLUMNS else name


def read_column(name: str, cells: Sequence[str]) -> UserColumn:
    """Numbers where all cells that are filled in are numbers; a word for a missing value, such as
    n/a, is an empty cell of these."""
    numbers = read_numbers(cells)
    if numbers.is_numbers:
        return UserColumn("number", list(numbers.values), _how_read(name, cells, numbers))
    texts = [whole_characters([cell])[0] if cell else None for cell in cells]
    return UserColumn("text", list(texts), _why_text(name, numbers))


def _why_text(name: str, numbers: NumberColumn) -> tuple[str, ...]:
    if not numbers.is_nearly_numbers:
        return ()
    (cell, count), *others = numbers.others.most_common()
    more = f" and {pluralize(len(others), 'other text')}" if others else ""
    return (
        f"{name} is text because of '{cell}' ({pluralize(count, 'cell')}){more}, so that < and > "
        "cannot compare it with a number",
    )


def _how_read(name: str, cells: Sequence[str], numbers: NumberColumn) -> tuple[str, ...]:
    words = sorted({cell for cell, value in zip(cells, numbers.values, strict=True)
                    if cell and value is None})  # fmt: skip
    if not (numbers.has_comma or words):
        return ()
    comma = " with a decimal comma" if numbers.has_comma else ""
    named = f", such as '{words[0]}'" if words else ""
    empty = f"; {pluralize(numbers.empty, 'cell')} without one{named}" if numbers.empty else ""
    return (f"{name} is read as numbers{comma}{empty}",)
