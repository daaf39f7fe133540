"""The conditions of `--where`, as a tree that each store translates into its own language.

A comparison is false where the column has no value, and `not` and `!=` turn true and false over:
an image without a label is not 'shoes'. It equals '' alone, which is also written `is null`. Text
is compared by its characters, case included; in a pattern % stands for any characters and _ for
one.
"""

import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from handloom.data.io.numbers import number_of, read_numbers, with_point
from handloom.errors import UserError
from handloom.search.records import OWN_COLUMNS, ColumnKind, Value
from handloom.wording import nearest


@dataclass(frozen=True)
class Compare:
    """column OP value; operator: = < <= > >=."""

    column: str
    operator: str
    value: Value


@dataclass(frozen=True)
class In:
    """column in (values), at least one."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Like:
    """column like 'pattern'."""

    column: str
    pattern: str


@dataclass(frozen=True)
class Not:
    """not condition."""

    condition: "Condition"


@dataclass(frozen=True)
class And:
    """All of the conditions."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class Or:
    """At least one of the conditions."""

    conditions: tuple["Condition", ...]


Condition: TypeAlias = Compare | In | Like | Not | And | Or
CellsOf = Callable[[str], Sequence[str]]
"""Texts that are in a column of the user's, as many as say what it holds."""


def checked(
    condition: Condition, columns: Mapping[str, ColumnKind], cells_of: CellsOf
) -> Condition:
    """The condition with the values as their columns have them.

    A number stands for the text that it is written as where a column of text equals it (folders
    named 0 to 9). Raises UserError for a column that there is not, for a number's column compared
    with text, and for a column of text that is more or less than a number, in quotes too where
    most of its cells are numbers: as texts '100' is less than '20'.
    """
    if isinstance(condition, And | Or):
        parts = tuple(checked(part, columns, cells_of) for part in condition.conditions)
        return type(condition)(parts)
    if isinstance(condition, Not):
        return Not(checked(condition.condition, columns, cells_of))
    kind = _kind(condition.column, columns)
    if isinstance(condition, In):
        values = tuple(_value(condition.column, kind, value) for value in condition.values)
        several = In(condition.column, values)
        return Or((several, _missing(condition.column, kind))) if "" in values else several
    if isinstance(condition, Like):
        if kind == "number":
            raise UserError(
                f"--where: {condition.column} is a number, which 'like' does not compare: use =, "
                "<, <=, > or >="
            )
        return condition
    if condition.operator == "=" and condition.value == "":
        missing = _missing(condition.column, kind)
        return missing if kind == "number" else Or((condition, missing))
    if kind == "text" and condition.operator != "=":
        _check_text(condition, cells_of)
    value = _value(condition.column, kind, condition.value)
    return Compare(condition.column, condition.operator, value)


def _missing(column: str, kind: ColumnKind) -> Condition:
    """That a column has no value, by what every store has: no comparison is true of it."""
    if kind == "number":
        return Not(Compare(column, ">=", -sys.float_info.max))
    return Not(Like(column, "%"))


def holds(condition: Condition, row: Mapping[str, Value | None]) -> bool:
    """Whether a condition is true of a row of columns: the meaning that stores agree with."""
    if isinstance(condition, And):
        return all(holds(part, row) for part in condition.conditions)
    if isinstance(condition, Or):
        return any(holds(part, row) for part in condition.conditions)
    if isinstance(condition, Not):
        return not holds(condition.condition, row)
    cell = row.get(condition.column)
    if cell is None:
        return False
    if isinstance(condition, In):
        return cell in condition.values
    if isinstance(condition, Like):
        return like(condition.pattern).fullmatch(str(cell)) is not None
    return _compares(cell, condition.operator, condition.value)


def like(pattern: str) -> re.Pattern[str]:
    """A pattern with % and _ as a regular expression for the whole of a text."""
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(c) or re.escape(c) for c in pattern), re.DOTALL)


def _compares(cell: Value, operator: str, value: Value) -> bool:
    if operator == "=":
        return cell == value
    left, right = (cell, value) if operator[0] == "<" else (value, cell)
    if isinstance(left, str) or isinstance(right, str):
        left, right = str(left), str(right)
        return left <= right if operator[1:] else left < right
    return left <= right if operator[1:] else left < right


def _check_text(condition: Compare, cells_of: CellsOf) -> None:
    """Raises UserError where a column of text is more or less than a number."""
    column, value = condition.column, condition.value
    is_quoted = isinstance(value, str)
    written = value if isinstance(value, str) else _as_text(value)
    is_own = column in OWN_COLUMNS
    if is_quoted and (is_own or number_of(with_point([written])[0]) is None):
        return
    cells = () if is_own else cells_of(column)
    numbers = read_numbers(cells)
    if numbers.is_numbers:
        raise UserError(
            f"--where: {column} was indexed as text, though its cells are numbers, as "
            f"'{cells[0]}' is: run 'handloom index' on the table again"
        )
    if numbers.is_nearly_numbers:
        raise UserError(
            f"--where: {column} is text because of cells such as '{numbers.commonest_other}', and "
            f"text is not more or less than {written}: leave nothing but numbers in its cells, and "
            "run 'handloom index' on the table again"
        )
    if not is_quoted:
        form = "2026-11-26 14:05" if column == "date" else cells[0] if cells else ""
        remedy = (
            f"write a text of its form in quotes, as in '{form}'" if form else "use =, in or like"
        )
        raise UserError(
            f"--where: {column} is text, which is not more or less than {written}: {remedy}"
        )


def _as_text(value: Value) -> str:
    return value.text if isinstance(value, Number) else str(value)


def _kind(column: str, columns: Mapping[str, ColumnKind]) -> ColumnKind:
    if column in columns:
        return columns[column]
    near = nearest(column, columns)
    hint = f"did you mean {near}?" if near else f"there are {', '.join(columns)}"
    raise UserError(f"--where: there is no column '{column}': {hint}")


class Number(float):
    """A number of a condition, with the text that it was written as."""

    text: str

    def __new__(cls, text: str) -> "Number":
        number = super().__new__(cls, text)
        number.text = text
        return number


def _value(column: str, kind: ColumnKind, value: Value) -> Value:
    if kind == "text":
        return _as_text(value)
    if isinstance(value, str):
        plain = with_point([value])[0]
        is_number = number_of(plain) is not None
        remedy = f"write {plain}, without quotes" if is_number else "compare it with a number"
        raise UserError(f"--where: {column} is a number, and '{value}' is text: {remedy}")
    if not math.isfinite(value):
        raise UserError(f"--where: {column} is compared with a number beyond 1.8e308: write less")
    return float(value)
