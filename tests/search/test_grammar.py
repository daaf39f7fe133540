"""The grammar of --where, and that stores agree on what it means."""

import json
import sqlite3
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.errors import UserError
from handloom.search import sql
from handloom.search.filters import And, Compare, Condition, In, Like, Not, Or, holds
from handloom.search.grammar import parse
from handloom.search.records import ColumnKind

COLUMNS: dict[str, ColumnKind] = {
    "label": "text",
    "size": "number",
    "price": "number",
    "Shop name": "text",
}
CELLS = {"Shop name": ["a", "b"], "sold": ["2026-11-26"], "cost": ["19,90", "9,90", "ask"],
         "weight": ["1,5", "2,5"]}  # fmt: skip
for _name in ("sold", "cost", "weight", "date"):
    COLUMNS[_name] = "text"
ABOUT = (
    "CREATE TABLE about (key TEXT, value TEXT)",
    """INSERT INTO about VALUES ('own', '[["price", "number"], ["Shop name", "text"]]')""",
)


def cells_of(column: str) -> list[str]:
    """What a column of the user's holds."""
    return CELLS[column]


@pytest.mark.parametrize(
    "text", ["sold >= '2026'", "date > '2026'", "label < '7'", "cost < 'b'", "cost = '20'"]
)
def test_texts_are_compared_by_their_letters(text: str) -> None:
    assert isinstance(parse(text, COLUMNS, cells_of), Compare)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("label = 'shoes'", Compare("label", "=", "shoes")),
        ("label == 'shoes'", Compare("label", "=", "shoes")),
        ("label != 'shoes'", Not(Compare("label", "=", "shoes"))),
        ("LABEL = 'x'", None),
        ("label = 'men''s'", Compare("label", "=", "men's")),
        ("label = 7", Compare("label", "=", "7")),
        ("label = 07", Compare("label", "=", "07")),
        ("size >= -1.5e3", Compare("size", ">=", -1500.0)),
        ("size in (1, 2)", In("size", (1.0, 2.0))),
        ("size not in (1)", Not(In("size", (1.0,)))),
        ("label like 'a%'", Like("label", "a%")),
        ("\"Shop name\" LIKE '_b'", Like("Shop name", "_b")),
        ("label is null", Or((Compare("label", "=", ""), Not(Like("label", "%"))))),
        ("label IS NOT NULL", Not(Or((Compare("label", "=", ""), Not(Like("label", "%")))))),
        ("size = ''", Not(Compare("size", ">=", -sys.float_info.max))),
        ("size is null", Not(Compare("size", ">=", -sys.float_info.max))),
        ("label = ''", Or((Compare("label", "=", ""), Not(Like("label", "%"))))),
        ("label != ''", Not(Or((Compare("label", "=", ""), Not(Like("label", "%")))))),
        ("label in ('', 'a')", Or((In("label", ("", "a")), Not(Like("label", "%"))))),
        ("not size = 1 and size = 2",
         And((Not(Compare("size", "=", 1.0)), Compare("size", "=", 2.0)))),
        ("size = 1 or size = 2 and size = 3",
         Or((Compare("size", "=", 1.0),
             And((Compare("size", "=", 2.0), Compare("size", "=", 3.0)))))),
        ("(size = 1 or size = 2) and size = 3",
         And((Or((Compare("size", "=", 1.0), Compare("size", "=", 2.0))),
              Compare("size", "=", 3.0)))),
    ],
)  # fmt: skip
def test_what_is_written_is_what_is_meant(text: str, condition: Condition | None) -> None:
    if condition is None:
        with pytest.raises(UserError, match="no column 'LABEL'"):
            parse(text, COLUMNS, cells_of)
    else:
        assert parse(text, COLUMNS, cells_of) == condition


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("label = 'shoes", "a quote is not closed"),
        ("label = 'men's'", "a quote is not closed"),
        ("lable = 'x'", "no column 'lable': did you mean label"),
        ("size = 'x'", "size is a number, and 'x' is text: compare it with a number"),
        ("size < '19,90'", "size is a number, and '19,90' is text: write 19.90, without quotes"),
        ("label > 7", "label is text, which is not more or less than 7: use =, in or like"),
        ("date > 2026", "date is text, .* write a text of its form .* '2026-11-26 14:05'"),
        ("sold > 2026", "sold is text, .* write a text of its form in quotes, as in '2026-11-26'"),
        ("cost < 20", "cost is text because of cells such as 'ask', and .* less than 20"),
        ("cost < '20'", "cost is text because of cells such as 'ask', and .* less than 20"),
        ("cost < '20,5'", "text because of cells such as 'ask'"),
        ("not (size = 1 or weight >= '2')", "weight was indexed as text, .* as '1,5' is"),
        ("size like '1%'", "size is a number, which 'like' does not compare"),
        ("size < 1e999", "a number beyond 1.8e308"),
        ("size in (1, -1e999)", "a number beyond 1.8e308"),
        ("label = ", "not understood at its end"),
        ("label = 'x'; drop table image", "not understood from '; drop' on after 'label = 'x''"),
        ("label in ()", "not understood from"),
        ("(" * 60 + "size = 1" + ")" * 60, "is too long"),
        ("not " * 60 + "size = 1", "is too long"),
    ],
)
def test_what_is_not_understood_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence.replace("(", r"\(").replace(")", r"\)")) as raised:
        parse(text, COLUMNS, cells_of)
    assert "\n" not in str(raised.value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
NUMBERS = st.integers(-5, 5).map(float)
WORDS = (
    st.sampled_from(["a", "b", "ab", "A", "%", "_", "*", "[a]", "", "é", "'", "\\", "a\\b"]) | TEXTS
)


def literal(value: Any) -> str:
    return str(value) if isinstance(value, float) else "'" + str(value).replace("'", "''") + "'"


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    kinds = ["=", "<", "in", "like", "null", "and", "or", "not"]
    kind = draw(st.sampled_from(kinds[: 8 if depth else 5]))
    if kind in ("and", "or"):
        parts = [draw(conditions(depth - 1)) for _ in range(draw(st.integers(2, 3)))]
        return "(" + f" {kind} ".join(parts) + ")"
    if kind == "not":
        return f"not {draw(conditions(depth - 1))}"
    column = draw(st.sampled_from(["label", '"Shop name"', "size", "price"]))
    values = NUMBERS if column in ("size", "price") else WORDS
    if kind == "null":
        return f"{column} is {draw(st.sampled_from(['', 'not ']))}null"
    if kind == "in":
        several = draw(st.lists(values, min_size=1, max_size=3))
        return f"{column} in ({', '.join(map(literal, several))})"
    if kind == "like":
        name = draw(st.sampled_from(['"label"', '"Shop name"']))
        return f"{name} like {literal(draw(WORDS))}"
    operator = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
    return f"{column} {operator} {literal(draw(values))}"


ROWS = st.lists(
    st.tuples(st.none() | WORDS, NUMBERS, st.none() | NUMBERS, st.none() | WORDS), max_size=6
)


@given(text=conditions(), rows=ROWS)
def test_sqlite_agrees_with_the_meaning(text: str, rows: list[tuple[Any, ...]]) -> None:
    condition = parse(text, COLUMNS, cells_of)
    database = sqlite3.connect(":memory:")
    for statement in ABOUT:
        database.execute(statement)
    database.execute("CREATE TABLE image (label TEXT, size REAL, own TEXT)")
    database.executemany(
        "INSERT INTO image VALUES (?, ?, ?)",
        [(label, size, json.dumps([price, shop])) for label, size, price, shop in rows],
    )
    test, values = sql.where(condition)
    chosen = [row for (row,) in database.execute(
        f"SELECT rowid - 1 FROM image WHERE {test} ORDER BY rowid", values)]  # fmt: skip
    database.close()
    names = ["label", "size", "price", "Shop name"]
    assert chosen == [
        place for place, row in enumerate(rows) if holds(condition, dict(zip(names, row)))
    ]


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(["size=2"] * 999 + ["size=1"]),
        " and ".join(["price=3"] * 830),
        f"size in ({','.join(['1'] * 4_900)})",
        "(size=2 or " * 30 + "size=1" + ")" * 30,
        "(size=1 and (size=2 or " * 15 + "size=1" + "))" * 15,
        "not " * 30 + "size=1",
        "(not " * 15 + "size=1" + ")" * 15,
        ("(" + "size=2 or " * 30) * 30 + "size=1" + ")" * 30,
        ("(" + "price=3 and " * 30 + "not ") * 15 + "size=1" + ")" * 15,
    ],
)
def test_sqlite_takes_the_longest_and_the_deepest(text: str) -> None:
    database = sqlite3.connect(":memory:")
    for statement in ABOUT:
        database.execute(statement)
    database.execute("CREATE TABLE image (label TEXT, size REAL, own TEXT)")
    database.execute("INSERT INTO image VALUES ('a', 1, '[3]')")
    condition = parse(text, COLUMNS, cells_of)
    test, values = sql.where(condition)
    answer = database.execute(f"SELECT rowid FROM image WHERE {test}", values).fetchall()
    database.close()
    assert answer == ([(1,)] if holds(condition, {"label": "a", "size": 1.0, "price": 3.0}) else [])


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(UserError):
        parse(text, COLUMNS, cells_of)
