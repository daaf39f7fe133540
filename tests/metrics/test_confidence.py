"""Reliability and abstention: their definitions, on numbers that can be checked by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from handloom.metrics.confidence import abstention, reliability, shortest


def test_reliability_of_a_few_answers() -> None:
    confidence = torch.tensor([0.95, 0.91, 0.52, 1.0])
    bins = reliability(confidence, torch.tensor([True, False, True, True]))
    assert [entry["count"] for entry in bins] == [1, 3]
    assert bins[0]["confidence"] == pytest.approx(0.52, abs=1e-6)
    assert bins[1]["accuracy"] == pytest.approx(2 / 3, abs=1e-6)
    low, high = bins[1]["interval"]
    assert low < 2 / 3 < high


def test_abstention_from_all_answers_to_few() -> None:
    confidence = torch.tensor([0.9, 0.8, 0.7, 0.6])
    curve = abstention(confidence, torch.tensor([True, True, False, False]))
    assert [entry["answered"] for entry in curve] == [1.0, 0.75, 0.5, 0.25]
    assert [entry["accuracy"] for entry in curve] == pytest.approx([0.5, 2 / 3, 1, 1], abs=1e-6)
    assert [entry["threshold"] for entry in curve] == pytest.approx([0.6, 0.7, 0.8, 0.9], abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60))
def test_a_threshold_gives_what_the_curve_says(answers: list[tuple[int, bool]]) -> None:
    confidence = torch.tensor([value / 20 for value, _ in answers])
    right = torch.tensor([is_right for _, is_right in answers])
    curve = abstention(confidence, right)
    assert curve[0]["answered"] == 1
    for entry in curve:
        rounded = [round(value, 6) for value in confidence.tolist()]
        given = torch.tensor([value >= entry["threshold"] for value in rounded])
        assert entry["answered"] == pytest.approx(given.float().mean().item(), abs=1e-6)
        assert entry["accuracy"] == pytest.approx(right[given].float().mean().item(), abs=1e-6)
    assert sum(entry["count"] for entry in reliability(confidence, right)) == len(answers)


def test_answers_that_are_all_given_as_1_are_answered_together() -> None:
    """`predict` gives six decimals: at a threshold of 1 it answers all three, one of them right."""
    confidence = torch.tensor([1.0, 0.9999998, 0.9999997, 0.6])
    curve = abstention(confidence, torch.tensor([True, False, False, True]))
    assert [(entry["threshold"], entry["answered"]) for entry in curve] == [(0.6, 1.0), (1.0, 0.75)]
    assert curve[1]["accuracy"] == pytest.approx(1 / 3, abs=1e-6)


def test_a_threshold_has_few_digits_and_never_more_answers() -> None:
    """At 0.70, which 0.6999 rounds to, an answer fewer is given than the advice says."""
    assert shortest(0.6812, 0.6999) == 0.69
    assert shortest(0.6981, 0.6999) == 0.699
    assert shortest(0.699899, 0.6999) == 0.6999
    assert shortest(0.0, 0.31) == 0.3
