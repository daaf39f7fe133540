"""Conditions as SQL of SQLite: columns and values as parameters."""

from handloom.search.filters import And, Compare, Condition, In, Not, Or
from handloom.search.records import OWN_COLUMNS, Value
from handloom.search.rows import OWN

GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}  # case counts, as it does in =
TOGETHER = 10  # tests in brackets
PLACE = (
    f"""(SELECT '$[' || key || ']' FROM json_each({OWN}) WHERE json_extract(value, '$[0]') = ?)"""
)


def where(condition: Condition) -> tuple[str, list[Value]]:
    """SQL that is 1 or 0 for each row of `image`, and its parameters in order."""
    if isinstance(condition, And | Or):
        parts = [where(part) for part in condition.conditions]
        parts.sort(key=lambda part: -len(part[0]))
        word = " AND " if isinstance(condition, And) else " OR "
        values = [value for _, some in parts for value in some]
        return _joined([sql for sql, _ in parts], word), values
    if isinstance(condition, Not):
        sql, values = where(condition.condition)
        return f"({sql} IS FALSE)", values
    column, parameters = _column(condition.column)
    if isinstance(condition, Compare):
        test, values = f"{condition.operator} ?", [condition.value]
    elif isinstance(condition, In):
        test, values = f"IN ({', '.join('?' * len(condition.values))})", list(condition.values)
    else:
        test, values = "GLOB ?", ["".join(GLOB.get(c, c) for c in condition.pattern)]
    return f"(({column} {test}) IS TRUE)", parameters + values


def _joined(tests: list[str], word: str) -> str:
    """All of the tests, the longest first, in order.

    SQLite limits how deep an expression is (1,000; every word is one more) and how much stands open
    before a bracket (a stack of 100). So many tests are put into brackets together, and what has
    the most brackets inside comes first.
    """
    first, *others = tests
    while len(others) > TOGETHER:
        starts = range(0, len(others), TOGETHER)
        others = [f"({word.join(others[start : start + TOGETHER])})" for start in starts]
    return f"({word.join([first, *others])})"


def _column(name: str) -> tuple[str, list[Value]]:
    """A user's column by its name, found in the same statement that reads the rows."""
    if name in OWN_COLUMNS:
        return f"image.{name}", []
    return f"json_extract(image.own, {PLACE})", [name]
