"""Alignment and uniformity against loops, and at the values their docstrings name."""

import math

import pytest
import torch
from torch.nn import functional as F

from handloom.metrics.alignment import alignment, uniformity


def sphere(count: int, width: int) -> torch.Tensor:
    return F.normalize(torch.randn(count, width, generator=torch.Generator().manual_seed(0)), dim=1)


def test_values_are_those_of_loops() -> None:
    first, second = sphere(9, 4), sphere(9, 4).flip(0)
    near = [float(((a - b) ** 2).sum()) for a, b in zip(first, second, strict=True)]
    assert alignment(first, second).item() == pytest.approx(sum(near) / 9, rel=1e-5)
    potential = [
        math.exp(-2 * float(((first[i] - first[j]) ** 2).sum()))
        for i in range(9) for j in range(9) if i != j
    ]  # fmt: skip
    expected = math.log(sum(potential) / len(potential))
    assert uniformity(first).item() == pytest.approx(expected, rel=1e-5)


def test_a_collapsed_embedding_has_uniformity_0() -> None:
    point = sphere(1, 8).expand(20, 8)
    assert alignment(point, point).item() == 0
    assert uniformity(point).item() == pytest.approx(0, abs=1e-5)


def test_an_even_embedding_has_uniformity_of_about_minus_3_9() -> None:
    even = sphere(2000, 128)
    assert uniformity(even).item() == pytest.approx(-3.94, abs=0.03)
    assert alignment(even[:1000], even[1000:]).item() == pytest.approx(2, abs=0.05)


def test_uniformity_is_of_all_classes_in_whatever_order() -> None:
    """The first 4,096 embeddings of class folders are of the first classes alone."""
    even, point = sphere(4_096, 64), sphere(1, 64).expand(4_096, 64)
    halves = [uniformity(torch.cat(parts)).item() for parts in ((even, point), (point, even))]
    assert halves == pytest.approx([math.log(0.26)] * 2, abs=0.1)
