"""Numbers as people write them in the cells of a table: 19.90, or 19,90 with a decimal comma."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MISSING = ("na", "n/a", "#n/a", "nan", "null", "none", "<na>", "nil")
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+$")
GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}$")  # 1,250 is 1250 to some people, and 1.25


class NumberColumn(NamedTuple):
    """What the cells of a column are as numbers.

    values: of every cell, None where there is none. has_comma: read with a decimal comma. empty:
    cells with nothing in them, or a word for it. others: cells that are not numbers, and how often
    they occur; of these `grouped` may be one number or another.
    """

    values: list[float | None]
    has_comma: bool
    empty: int
    others: Counter[str]
    grouped: int

    @property
    def is_numbers(self) -> bool:
        """Whether every cell that is filled in is a number, and there are some."""
        return not self.others and self.empty < len(self.values)

    @property
    def is_nearly_numbers(self) -> bool:
        """Whether most cells that are filled in are numbers, but not all."""
        filled, words = len(self.values) - self.empty, self.others.total() - self.grouped
        return bool(self.others) and 2 * words < filled

    @property
    def commonest_other(self) -> str:
        """Of the cells that are not numbers the one that occurs most often."""
        return self.others.most_common(1)[0][0]


def number_of(cell: str) -> float | None:
    """A finite number written with a point, or without; None for another cell."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if value - value == 0 and "_" not in cell else None


def is_missing(cell: str) -> bool:
    """Whether a cell reads like a missing value."""
    return cell.casefold() in MISSING


def with_point(cells: Iterable[str]) -> list[str]:
    """Numbers with a decimal comma as Python reads them; other cells as they are."""
    return [cell.replace(",", ".") if DECIMAL_COMMA.match(cell) else cell for cell in cells]


def read_numbers(cells: Sequence[str]) -> NumberColumn:
    """A column of cells as numbers.

    A comma is a decimal comma where it cannot separate thousands, as in 19,90. Where only cells
    such as 1,250 have one, or the column has points too, these are not taken for numbers.
    """
    different = set(cells)
    has_comma = any(DECIMAL_COMMA.match(cell) and not GROUPED.match(cell) for cell in different)
    has_point = any("." in cell and number_of(cell) is not None for cell in different)
    values = {cell: _value(cell, has_comma, has_point) for cell in different}
    filled = [cell for cell in cells if cell and not is_missing(cell)]
    others = Counter(cell for cell in filled if values[cell] is None)
    grouped = sum(count for cell, count in others.items() if GROUPED.match(cell))
    empty = len(cells) - len(filled)
    return NumberColumn([values[cell] for cell in cells], has_comma, empty, others, grouped)


def _value(cell: str, has_comma: bool, has_point: bool) -> float | None:
    is_clear = has_comma and not has_point if "," in cell else not has_comma
    if GROUPED.match(cell) and not is_clear:
        return None
    return number_of(with_point([cell])[0])
