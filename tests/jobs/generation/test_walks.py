"""Paths between latents."""

import math

import pytest
import torch

from handloom.jobs.generation.walks import lerp, slerp, walk


def test_the_great_circle_keeps_the_distance_from_the_middle() -> None:
    a, b = torch.tensor([3.0, 0, 0]), torch.tensor([0, 3.0, 0])
    way = slerp(a, b, torch.linspace(0, 1, 7))
    assert torch.allclose(way.norm(dim=1), torch.full((7,), 3.0))
    assert torch.allclose(way[3], torch.tensor([1.0, 1, 0]) * 3 / math.sqrt(2))
    assert torch.allclose(way[[0, 6]], torch.stack([a, b]))
    assert lerp(a, b, torch.tensor([0.5])).norm() < 2.2


@pytest.mark.parametrize("other", [(1.0, 2.0), (-1.0, -2.0), (0.0, 0.0)])
def test_without_one_circle_it_is_the_line(other: tuple[float, float]) -> None:
    a, b, shares = torch.tensor([1.0, 2.0]), torch.tensor(other), torch.linspace(0, 1, 5)
    assert torch.allclose(slerp(a, b, shares), lerp(a, b, shares))


def test_walks_meet_every_end_once() -> None:
    ends = torch.randn(3, 5)
    open_way, round_way = walk(ends, 4, True), walk(ends, 4, False, closed=True)
    assert len(open_way) == 9
    assert torch.allclose(open_way[::4], ends, atol=1e-6)
    assert len(round_way) == 12
    assert torch.allclose(round_way[::4], ends)
