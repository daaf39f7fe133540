"""A sample is of all classes, whatever the order of rows."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from handloom.division.sample import others, sample_rows

ORDERS = {
    "alternating": torch.arange(9_000) % 3,
    "in blocks": torch.arange(9_000) // 3_000,
}


@pytest.mark.parametrize("label", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("most", [3_000, 4_501])
def test_every_class_has_its_share(label: Tensor, most: int) -> None:
    counts = torch.bincount(label[sample_rows(len(label), most, label)], minlength=3)
    assert counts.sum() == most
    assert (counts - most / 3).abs().max() <= 1


def test_without_labels_an_alternating_order_is_still_mixed() -> None:
    label = ORDERS["alternating"]
    counts = torch.bincount(label[sample_rows(9_000, 3_000)], minlength=3)
    assert counts.min() > 850  # 1,000 on average, with a standard deviation of 21


@given(st.integers(0, 200), st.integers(1, 100), st.integers(), st.booleans())
def test_rows_are_distinct_ascending_and_the_same_again(
    count: int, most: int, seed: int, has_labels: bool
) -> None:
    label = torch.arange(count) % 7 if has_labels else None
    rows = sample_rows(count, most, label, seed)
    assert len(rows) == min(count, most)
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert all(0 <= row < count for row in rows.tolist())
    assert torch.equal(rows, sample_rows(count, most, label, seed))


def test_others_are_the_rest() -> None:
    assert others(6, torch.tensor([4, 0])).tolist() == [1, 2, 3, 5]
    assert others(2, torch.tensor([0, 1])).tolist() == []
