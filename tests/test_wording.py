"""Plurals."""

import pytest

from handloom.wording import counted


@pytest.mark.parametrize(
    ("number", "noun", "says"),
    [
        (0, "picture", "0 pictures"),
        (1, "broken picture", "1 broken picture"),
        (2000, "epoch", "2,000 epochs"),
        (3, "class", "3 classes"),
    ],
)
def test_counted(number: int, noun: str, says: str) -> None:
    assert counted(number, noun) == says
