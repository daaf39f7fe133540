"""Conditions as SQL of SQLite: columns by their places in the schema, values as parameters."""

from collections.abc import Sequence

from handloom.search.filters import And, Compare, Condition, In, Not, Or
from handloom.search.records import OWN_COLUMNS, Value

GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}  # case counts, as it does in =


def where(condition: Condition, own: Sequence[str]) -> tuple[str, list[Value]]:
    """SQL that is 1 or 0 for each row of `image`, and its parameters in order.

    own: names of the user's columns, in the order in which the column `own` lists their values.
    """
    if isinstance(condition, And | Or):
        parts = [where(part, own) for part in condition.conditions]
        joined = (" AND " if isinstance(condition, And) else " OR ").join(sql for sql, _ in parts)
        return f"({joined})", [value for _, values in parts for value in values]
    if isinstance(condition, Not):
        sql, values = where(condition.condition, own)
        return f"(NOT {sql})", values
    column, parameters = _column(condition.column, own)
    if isinstance(condition, Compare):
        test, values = f"{condition.operator} ?", [condition.value]
    elif isinstance(condition, In):
        test, values = f"IN ({', '.join('?' * len(condition.values))})", list(condition.values)
    else:
        test, values = "GLOB ?", ["".join(GLOB.get(c, c) for c in condition.pattern)]
    return f"(({column} {test}) IS TRUE)", parameters + values


def _column(name: str, own: Sequence[str]) -> tuple[str, list[Value]]:
    if name in OWN_COLUMNS:
        return f"image.{name}", []
    return "json_extract(image.own, ?)", [f"$[{own.index(name)}]"]
