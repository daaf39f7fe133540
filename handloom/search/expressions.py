"""Conditions as expressions of Milvus. Values stand in quotes, with what could end them escaped.

Its logic has three values: a comparison with a field that is null is neither true nor false, and
stays so under `not`. So `not` is moved down to the comparisons, where null is asked for.
"""

from handloom.search.filters import And, Compare, Condition, In, Like, Not, Or
from handloom.search.records import OWN_COLUMNS, Value

OPPOSITE = {"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def expression(condition: Condition, is_negated: bool = False) -> str:
    """The expression that is true where the condition is, or is not."""
    if isinstance(condition, Not):
        return expression(condition.condition, not is_negated)
    if isinstance(condition, And | Or):
        word = "and" if isinstance(condition, And) != is_negated else "or"
        parts = (expression(part, is_negated) for part in condition.conditions)
        return "(" + f" {word} ".join(parts) + ")"
    field = _field(condition.column)
    test = _test(field, condition, is_negated)
    return f"({field} is null or {test})" if is_negated else f"({test})"


def quoted(text: str) -> str:
    """A text as a literal."""
    return '"' + "".join(ESCAPED.get(character, character) for character in text) + '"'


def _test(field: str, condition: Compare | In | Like, is_negated: bool) -> str:
    if isinstance(condition, Like):
        pattern = condition.pattern.replace("\\", "\\\\")  # which escapes in its patterns
        test = f"{field} like {quoted(pattern)}"
        return f"(not ({test}))" if is_negated else test
    if isinstance(condition, In):
        equals, word = ("!=", " and ") if is_negated else ("==", " or ")
        tests = (f"{field} {equals} {_literal(value)}" for value in condition.values)
        return "(" + word.join(tests) + ")"
    operator = OPPOSITE[condition.operator] if is_negated else condition.operator
    return f"{field} {'==' if operator == '=' else operator} {_literal(condition.value)}"


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return quoted(value)
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _field(column: str) -> str:
    return column if column in OWN_COLUMNS else f"own[{quoted(column)}]"
