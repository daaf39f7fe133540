"""Cells of tables that a person opens in a spreadsheet: a text is a text there, not a formula.

A cell that begins with one of = + - @, a tab or a carriage return gets a leading apostrophe, unless
it is a number. `plain` takes it away again. An apostrophe of a text's own before such a character
is doubled, so that nothing is lost. Excel takes a file of UTF-8 for one of the machine's own
encoding unless it begins with a byte order mark: see `sheet_bytes`.
"""

import codecs
from collections.abc import Iterable
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
MARK = "'"


def inert(cell: Any) -> Any:
    """A cell as it is written: a text that a spreadsheet would run gets an apostrophe."""
    if not isinstance(cell, str) or not _is_live(cell) or _is_number(cell):
        return cell
    return MARK + cell


def inert_row(row: Iterable[Any]) -> list[Any]:
    """All cells of a row, as `inert` has them."""
    return [inert(cell) for cell in row]


def sheet_bytes(table: str) -> bytes:
    """A table as the bytes of a file: UTF-8, after a byte order mark where it is not ASCII alone,
    so that Excel shows its letters. Half a character, from an odd file name, is escaped."""
    content = table.encode("utf-8", "backslashreplace")
    return content if content.isascii() else codecs.BOM_UTF8 + content


def plain(cell: str) -> str:
    """The text that `inert` was given."""
    return cell[1:] if cell.startswith(MARK) and _is_live(cell[1:]) else cell


def _is_live(cell: str) -> bool:
    return cell.lstrip(MARK).startswith(FORMULA)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell[:1] not in "\t\r"
