"""Which column is the text and which the target."""

from dataclasses import replace
from pathlib import Path

import pytest

from handloom.data.io.table import Table
from handloom.data.text.columns import find_roles
from handloom.errors import UserError

PATH = Path("t.csv")


def table(names: str, *rows: str) -> Table:
    columns = [list(column) for column in zip(*(row.split(",") for row in rows), strict=True)]
    return Table(names.split(","), columns, list(range(2, len(rows) + 2)))


@pytest.mark.parametrize(
    ("names", "given", "places"),
    [
        ("text,target", (None, None), (0, 1)),
        ("Comment,Category,id", (None, None), (0, 1)),
        ("idx,sentiment,tweet", (None, None), (2, 1)),
        ("Utterance,Intent,", (None, None), (0, 1)),
        ("a,b,c", ("c", "a"), (2, 0)),
        ("a,b,c", ("3", "1"), (2, 0)),
        ("title,text,label,target", (None, "LABEL"), (1, 2)),
        ("text,label,Label", (None, "Label"), (0, 2)),
    ],
)
def test_columns_are_recognised(
    names: str, given: tuple[str | None, str | None], places: tuple[int, int]
) -> None:
    width = names.count(",") + 1
    rows = [",".join(f"v{row}{place}" for place in range(width)) for row in range(3)]
    roles = find_roles(PATH, table(names, *rows), *given, labelled=True)
    assert (roles.text, roles.target) == places
    assert len(roles.table) == 3


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        (["neg,dull film", "pos,fine film", "neg,bad one", "pos,good one"], (1, 0)),
        (["so good,1", "so bad,0", "too bad,0", "too good,1"], (0, 1)),
        (["spam,win now", "ham,hello you", "ham,see you", "spam,money now"], (1, 0)),
    ],
)
def test_a_table_without_a_header(rows: list[str], places: tuple[int, int]) -> None:
    roles = find_roles(PATH, table(rows[0], *rows[1:]), None, None, labelled=True)
    assert (roles.text, roles.target) == places
    assert len(roles.table) == 4
    assert roles.note.startswith("no header")


@pytest.mark.parametrize(
    ("names", "given", "sentence"),
    [
        ("text,target,target", (None, None), r"2 columns for the target: 'target' \(2\)"),
        ("text,target,Text", (None, None), r"2 columns for the text"),
        ("review,Label,label", (None, None), "choose one by its position"),
        ("title,stars,date", (None, None), "no columns .* --text-column and --target-column"),
        ("title,label,date", (None, None), "no column for the text .* --text-column"),
        ("a,b,c", ("d", "e"), "--text-column d --target-column e: .* no such columns"),
        ("text,stars,date", (None, None), "no column for the target .* --target-column"),
        ("text,target,x", ("body", None), "--text-column body: .* no such column"),
        ("text,target,x", ("target", None), "cannot be the text and the target"),
    ],
)
def test_refusals(names: str, given: tuple[str | None, str | None], sentence: str) -> None:
    rows = ["a,b,c", "d,e,f", "g,h,i"]
    with pytest.raises(UserError, match=sentence):
        find_roles(PATH, table(names, *rows), *given, labelled=True)


def test_a_single_column_is_the_text() -> None:
    roles = find_roles(PATH, table("whatever", "a", "b"), None, None, labelled=False)
    assert (roles.text, roles.target) == (0, None)


@pytest.mark.parametrize(
    ("names", "passed"),
    [("text,target,label", "'label'"), ("review,sentiment,topic", "'topic'"),
     ("text,comment,label", "'comment'")],
)  # fmt: skip
def test_other_columns_that_could_be_meant_are_named(names: str, passed: str) -> None:
    roles = find_roles(PATH, table(names, "a,b,c", "d,e,f"), None, None, labelled=True)
    assert f"not in {passed}" in roles.note
    chosen = find_roles(PATH, table(names, "a,b,c", "d,e,f"), "1", "2", labelled=True)
    assert "not in" not in chosen.note


def test_columns_of_records_are_named() -> None:
    nested = replace(table("id,label", "1,a", "2,b"), nested=("data",))
    with pytest.raises(UserError, match="'data': lists or records"):
        find_roles(PATH, nested, None, None, labelled=True)
