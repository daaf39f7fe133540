"""Conditions that are not in the grammar: where they go wrong, and what to write instead."""

import pytest

from handloom.errors import UserError
from handloom.search.grammar import parse
from handloom.search.records import ColumnKind

COLUMNS: dict[str, ColumnKind] = {"label": "text", "size": "number", "Shop name": "text"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "label = 'red' and (size < abc)",
            "not understood from 'abc' on after 'size <'; write a text in single quotes, as in "
            "< 'abc'",
        ),
        ("label = red", "from 'red' on after 'label ='; write a text in single quotes"),
        ("size = 1 or not (size = 2 and size ! 3)", "from '! 3' on after 'size'"),
        ("size in (1, 'a', b)", "from 'b' on"),
        ("size < 19,90", "from ',90' on after 'size < 19'; write a number with a point"),
        ("size between 1 and 2", "size between 1 and 2 is size >= 1 and size <= 2 here"),
        ("size is 3", "not understood from '3' on after 'size is'"),
        ("size = 1 and", "not understood at its end after 'size = 1 and'"),
    ],
)
def test_the_place_and_the_remedy(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        parse(text, COLUMNS, lambda _: ())
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    "text", ["not label like '%'", "not size > -1e300", "size >= 1 and size <= 2"]
)
def test_what_is_advised_is_understood(text: str) -> None:
    parse(text, COLUMNS, lambda _: ())
