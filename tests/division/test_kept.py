"""Examples that were known before stay on their side, and take what belongs to them along."""

from handloom.division.kept import kept_sides
from handloom.division.splits import TEST, TRAIN, VALID


def test_known_examples_stay_and_new_ones_are_divided_as_usual() -> None:
    usual = [TRAIN, VALID, TRAIN, VALID, TRAIN]
    known = [VALID, TRAIN, VALID, None, None]
    assert kept_sides(usual, known, range(5), {VALID}) == [VALID, TRAIN, VALID, VALID, TRAIN]


def test_a_group_is_on_one_side_and_rather_trains() -> None:
    usual = [TRAIN, VALID, TRAIN, TRAIN, VALID]
    known = [VALID, TRAIN, None, VALID, None]
    assert kept_sides(usual, known, [0, 1, 0, 1, 1], {VALID}) == [VALID, TRAIN, VALID, TRAIN, TRAIN]


def test_without_a_known_example_of_a_split_the_division_is_the_usual_one() -> None:
    usual = [TRAIN, VALID, TRAIN, TEST]
    assert kept_sides(usual, [TRAIN, TRAIN, VALID, None], range(4), {VALID, TEST}) == usual


def test_a_split_that_is_not_divided_any_more_has_no_side() -> None:
    usual, known = [TRAIN, VALID, TRAIN], [TEST, TRAIN, VALID]
    assert kept_sides(usual, known, range(3), {VALID}) == [TRAIN, TRAIN, VALID]


def test_where_all_would_validate_the_division_is_the_usual_one() -> None:
    usual = [TRAIN, VALID, TRAIN]
    assert kept_sides(usual, [VALID] * 3, range(3), {VALID}) == usual


def test_where_groups_leave_nothing_to_validate_the_division_is_the_usual_one() -> None:
    usual = [TRAIN, VALID, TRAIN, VALID]
    assert kept_sides(usual, [TRAIN, VALID, VALID, TRAIN], [0, 1, 0, 1], {VALID}) == usual
