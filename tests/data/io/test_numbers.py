"""Numbers in the cells of a table, with a point and with a decimal comma."""

import pytest

from handloom.data.io.numbers import number_of, read_numbers


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["19.90", "5", "-1e3"], [19.9, 5, -1000]),
        (["19,90", "5", "-0,5"], [19.9, 5, -0.5]),
        (["19,90", "n/a", "", "NaN"], [19.9, None, None, None]),
        (["19,90", "1,250"], [19.9, 1.25]),  # whose comma is a decimal one
        (["0,125", "3"], [0.125, 3]),
        (["19,90", "20.50"], [19.9, 20.5]),
        (["1.250", "3"], [1.25, 3]),
    ],
)
def test_columns_of_numbers(cells: list[str], values: list[float | None]) -> None:
    column = read_numbers(cells)
    assert column.is_numbers
    assert column.values == values
    assert column.has_comma == any("," in cell for cell in cells)
    assert column.empty == values.count(None)


@pytest.mark.parametrize(
    ("cells", "others", "is_nearly"),
    [
        (["19,90", "9,90", "on request"], ["on request"], True),
        (["1,250", "999", "2,100"], ["1,250", "2,100"], True),  # thousands, or decimals
        (["1,250", "99.5"], ["1,250"], True),
        (["1.250", "99,5"], ["1.250"], True),
        (["1,250,000", "1", "2"], ["1,250,000"], True),
        (["1_000", "1", "inf"], ["1_000", "inf"], False),
        (["red", "7", "blue"], ["red", "blue"], False),
        (["19,90 €", "9,90 €"], ["19,90 €", "9,90 €"], False),
    ],
)
def test_columns_that_are_not_of_numbers(
    cells: list[str], others: list[str], is_nearly: bool
) -> None:
    column = read_numbers(cells)
    assert not column.is_numbers
    assert list(column.others) == others
    assert column.is_nearly_numbers == is_nearly


@pytest.mark.parametrize("cells", [[], ["", ""], ["none", "n/a"]])
def test_nothing_is_not_a_number(cells: list[str]) -> None:
    column = read_numbers(cells)
    assert not column.is_numbers
    assert not column.is_nearly_numbers


def test_one_cell() -> None:
    assert [number_of(cell) for cell in ("1.5", "1,5", "1_0", "nan", "-inf", "a")] == [
        1.5, None, None, None, None, None
    ]  # fmt: skip
