"""Intervals of a share: of independent examples, and of such that come in groups."""

import pytest
import torch

from handloom.metrics.interval import independent, of_share, wilson


def test_without_groups_it_is_wilson() -> None:
    right = torch.tensor([True, True, True, True, False])
    assert of_share(right) == wilson(4, 5)
    assert of_share(right, torch.arange(5)) == wilson(4, 5)
    assert of_share(right[:0], torch.arange(0)) == (0.0, 1.0)


def test_few_groups_count_as_many_examples_as_there_are_groups() -> None:
    """31 of 32 images of 4 patients: Wilson's interval over the images would be 84.3 to 99.4 %."""
    right, group = torch.arange(32) > 0, torch.arange(4).repeat_interleave(8)
    assert independent(right, group) == 4
    low, high = of_share(right, group)
    assert (low, high) == wilson(4 * 31 / 32, 4)
    assert low < 0.5
    uneven = torch.tensor([0] * 5 + [1])
    assert independent(right[:6], uneven) == pytest.approx(36 / 26)  # Kish: n² / Σ m²


def test_of_many_groups_the_design_effect_is_estimated() -> None:
    group = torch.arange(50).repeat_interleave(4)
    alike = group % 5 > 0  # a whole group is right, or wrong
    assert independent(alike, group) == pytest.approx(50, rel=0.03)
    apart = torch.arange(200) % 4 > 0  # every group has three of four right
    assert independent(apart, group) == 200
    mixed = torch.rand(200, generator=torch.Generator().manual_seed(0)) > 0.3
    assert 150 < independent(mixed, group) <= 200
