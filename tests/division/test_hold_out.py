"""The split is stratified, seeded, and keeps groups together."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from handloom.division.hold_out import first_rows, hold_out

labelled = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), min_size=1, max_size=80)


def test_singles_give_exact_shares() -> None:
    label = np.repeat(np.arange(3), [100, 50, 10])
    rows = hold_out(label, np.arange(160), 32, seed=1)
    assert np.bincount(label[rows]).tolist() == [20, 10, 2]
    assert (np.diff(rows) > 0).all()


def test_seed_decides() -> None:
    label = np.zeros(100, dtype=np.int64)
    first = hold_out(label, np.arange(100), 20, seed=3)
    assert (first == hold_out(label, np.arange(100), 20, seed=3)).all()
    assert (first != hold_out(label, np.arange(100), 20, seed=4)).any()


def test_a_single_image_stays_in_training() -> None:
    label = np.array([0] * 10 + [1])
    assert 10 not in hold_out(label, np.arange(11), 5, seed=0)


def test_two_large_groups_still_give_one() -> None:
    group = np.repeat([0, 1], 5)
    assert len(hold_out(np.zeros(10, dtype=np.int64), group, 2, seed=0)) == 5


@given(labelled, st.floats(0.05, 0.9), st.integers(0, 2**40))
def test_groups_stay_together_and_classes_stay_in_training(
    rows: list[tuple[int, int]], fraction: float, seed: int
) -> None:
    label, group = (np.array(values) for values in zip(*rows, strict=True))
    chosen = hold_out(label, group, max(1, round(fraction * len(rows))), seed)
    kept = np.setdiff1d(np.arange(len(rows)), chosen)
    assert not set(group[chosen]) & set(group[kept])
    assert set(label[kept]) == set(label)
    for number in set(group[chosen]):
        assert len(set(label[group == number])) == 1


@given(st.lists(st.integers(0, 3), min_size=2, max_size=200), st.integers(0, 9))
def test_shares_without_groups(labels: list[int], seed: int) -> None:
    label = np.array(labels)
    chosen = hold_out(label, np.arange(len(label)), max(1, len(label) // 5), seed)
    for kind, count in enumerate(np.bincount(label)):
        taken = int((label[chosen] == kind).sum())
        assert min(1, count // 2) <= taken <= max(count - 1, 0)
        assert abs(taken - count / 5) <= 2


def test_the_first_rows_are_the_first() -> None:
    first, others = first_rows(10, 8, torch.arange(10) % 2)
    assert (first.tolist(), others.tolist()) == (list(range(8)), [8, 9])


def test_of_classes_one_after_another_each_gives_its_share() -> None:
    """The first four fifths of class folders would have no image of the last class."""
    label = torch.arange(50) // 10
    first, others = first_rows(50, 40, label)
    assert torch.bincount(label[first]).tolist() == [8] * 5
    assert torch.bincount(label[others]).tolist() == [2] * 5
    assert sorted([*first.tolist(), *others.tolist()]) == list(range(50))
