"""Folds: every class dealt out evenly, a group in one fold."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from handloom.division.folds import folds
from handloom.division.sample import shuffled


def test_classes_are_dealt_out_evenly_in_any_order() -> None:
    label = torch.arange(120) // 40  # class by class, as in folders
    fold = folds(label, range(120), shuffled(120, 3), 4)
    for kind in range(3):
        assert torch.bincount(fold[label == kind]).tolist() == [10] * 4


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=60),
    st.integers(2, 5),
    st.integers(0, 2**40),
)
def test_a_group_is_in_one_fold(rows: list[tuple[int, int]], count: int, seed: int) -> None:
    label, group = torch.tensor([kind for kind, _ in rows]), [number for _, number in rows]
    fold = folds(label, group, shuffled(len(rows), seed), count)
    assert len({(g, f) for g, f in zip(group, fold.tolist(), strict=True)}) == len(set(group))
    assert 0 <= int(fold.min()) <= int(fold.max()) < count
    assert len(fold.unique()) == min(count, len(set(group)))


def test_what_is_not_in_the_order_is_in_no_fold() -> None:
    fold = folds(torch.zeros(4, dtype=torch.int64), [0, 0, 1, 2], torch.tensor([0, 3]), 2)
    assert fold.tolist() == [0, 0, -1, 1]
