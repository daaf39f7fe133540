"""The grammar of `--where`, from a text to a condition.

condition  = all ("or" all)*
all        = each ("and" each)*
each       = "not" each | "(" condition ")" | comparison
comparison = column ("=" | "!=" | "<" | "<=" | ">" | ">=") value
           | column ["not"] "in" "(" value ("," value)* ")"
           | column ["not"] "like" text
           | column "is" ["not"] "null"
column     = a name, or anything in double quotes
value      = a number, or a text in single quotes; inside, a quote is written twice
"""

from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.search.filters import (
    And,
    CellsOf,
    Compare,
    Condition,
    In,
    Like,
    Not,
    Number,
    Or,
    checked,
)
from handloom.search.misread import EXAMPLE, refusal
from handloom.search.records import ColumnKind

if TYPE_CHECKING:
    from pyparsing import ParserElement

LONGEST = 10_000  # characters
PARSING = Lock()  # pyparsing counts, in the first calls, how many arguments our functions take
DEEPEST = 30  # brackets inside each other; each is 19 calls of the parser's, of Python's 1,000


def parse(text: str, columns: Mapping[str, ColumnKind], cells_of: CellsOf) -> Condition:
    """The condition that a text writes, on the columns that there are.

    cells_of: asked for cells of a column of text that is compared with a number. Raises UserError
    for what is not in the grammar, with the place, and for columns and values as `checked` does.
    """
    from pyparsing import ParseBaseException

    if not text.strip():
        raise UserError(f'--where is empty: write a condition, as in --where "{EXAMPLE}"')
    if len(text) > LONGEST or _depth(text) > DEEPEST:
        raise UserError(
            f"--where is too long: at most {LONGEST:,} characters, and {DEEPEST} brackets or nots "
            "inside each other"
        )
    try:
        with PARSING:
            condition: Condition = _grammar().parse_string(text, parse_all=True)[0]
    except ParseBaseException as error:
        raise refusal(text, error.loc) from None
    return checked(condition, columns, cells_of)


def _depth(text: str) -> int:
    """How deep brackets and nots are inside each other, at least."""
    deepest = brackets = nots = 0
    for word in text.lower().replace("(", " ( ").replace(")", " ) ").split():
        brackets += (word == "(") - (word == ")")
        nots = nots + 1 if word == "not" else nots if word == "(" else 0
        deepest = max(deepest, brackets + nots)
    return deepest


@cache
def _grammar() -> "ParserElement":
    import pyparsing as p

    words = {word: p.CaselessKeyword(word).suppress() for word in ("and", "or", "not")}
    contains, resembles, equals = (p.CaselessKeyword(word) for word in ("in", "like", "is"))
    null = p.CaselessKeyword("null")
    reserved = p.MatchFirst([*words.values(), contains, resembles, equals, null])
    quoted = p.Regex(r'"(?:[^"]|"")+"').set_parse_action(lambda t: t[0][1:-1].replace('""', '"'))
    column = quoted | (~reserved + p.Regex(r"[^\W\d]\w*"))
    text = p.Regex(r"'(?:[^']|'')*'").set_parse_action(lambda t: t[0][1:-1].replace("''", "'"))
    number = p.Regex(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])")
    value = text | number.set_parse_action(lambda t: Number(t[0]))
    is_not = p.Optional(words["not"].copy().set_parse_action(lambda: True), default=False)
    values = p.Suppress("(") - p.Group(value + (p.Suppress(",") - value)[...]) - p.Suppress(")")
    operator = p.one_of("= == != <> < <= > >=")
    comparison = column - (
        (operator - value).set_parse_action(lambda t: [tuple(t)])
        | (is_not + contains - values).set_parse_action(lambda t: [(t[0], "in", tuple(t[2]))])
        | (is_not + resembles - text).set_parse_action(lambda t: [(t[0], "like", t[2])])
        | (equals.suppress() - is_not - null).set_parse_action(lambda t: [(t[0], "null", "")])
    )
    comparison.set_parse_action(lambda t: _comparison(t[0], t[1]))
    condition, each = p.Forward(), p.Forward()
    each <<= (
        (words["not"] - each).set_parse_action(lambda t: Not(t[0]))
        | p.Suppress("(") - condition - p.Suppress(")")
        | comparison
    )
    every = (each + (words["and"] - each)[...]).set_parse_action(
        lambda t: And(tuple(t)) if len(t) > 1 else t[0]
    )
    condition <<= (every + (words["or"] - every)[...]).set_parse_action(
        lambda t: Or(tuple(t)) if len(t) > 1 else t[0]
    )
    return condition


def _comparison(column: str, rest: tuple[Any, ...]) -> Condition:
    if len(rest) == 3:
        is_not, kind, values = rest
        test = _test(column, kind, values)
        return Not(test) if is_not else test
    operator, value = rest
    if operator in ("!=", "<>"):
        return Not(Compare(column, "=", value))
    return Compare(column, "=" if operator == "==" else operator, value)


def _test(column: str, kind: str, given: Any) -> Condition:
    if kind == "in":
        return In(column, given)
    return Like(column, given) if kind == "like" else Compare(column, "=", given)
