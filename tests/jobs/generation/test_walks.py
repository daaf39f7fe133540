"""Walks and squares in the space of latents."""

import math

import pytest
import torch

from handloom.jobs.generation.walks import plane, principal, spherically, square, straight, walk


def test_the_great_circle_keeps_the_distance_from_the_middle() -> None:
    a, b = torch.tensor([3.0, 0, 0]), torch.tensor([0, 3.0, 0])
    way = spherically(a, b, torch.linspace(0, 1, 7))
    assert torch.allclose(way.norm(dim=1), torch.full((7,), 3.0))
    assert torch.allclose(way[3], torch.tensor([1.0, 1, 0]) * 3 / math.sqrt(2))
    assert torch.allclose(way[[0, 6]], torch.stack([a, b]))
    assert straight(a, b, torch.tensor([0.5])).norm() < 2.2


@pytest.mark.parametrize("other", [(1.0, 2.0), (-1.0, -2.0), (0.0, 0.0)])
def test_without_one_circle_it_is_the_line(other: tuple[float, float]) -> None:
    a, b, shares = torch.tensor([1.0, 2.0]), torch.tensor(other), torch.linspace(0, 1, 5)
    assert torch.allclose(spherically(a, b, shares), straight(a, b, shares))


def test_walks_meet_every_end_once() -> None:
    ends = torch.randn(3, 5)
    open_way, round_way = walk(ends, 4, True), walk(ends, 4, False, closed=True)
    assert len(open_way) == 9
    assert torch.allclose(open_way[::4], ends, atol=1e-6)
    assert len(round_way) == 12
    assert torch.allclose(round_way[::4], ends)


def test_a_square_is_read_like_a_image() -> None:
    found = square(3)
    assert found.shape == (9, 2)
    assert torch.allclose(found[4], torch.zeros(2), atol=1e-6)
    assert found[0, 0] < 0 < found[0, 1]  # left and above
    assert found[8, 0] > 0 > found[8, 1]
    assert found[2, 0] == pytest.approx(2.0537, abs=1e-3)  # 98 % of a normal lie below


def test_principal_directions_of_a_known_covariance() -> None:
    turn = torch.tensor([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1.0]])
    directions, spread = principal(turn.T @ torch.diag(torch.tensor([9.0, 1.0, 4.0])) @ turn)
    assert torch.allclose(spread, torch.tensor([3.0, 2.0, 1.0]), atol=1e-5)
    assert torch.allclose(directions[0], torch.tensor([0.6, 0.8, 0]), atol=1e-5)
    assert torch.allclose(directions @ directions.T, torch.eye(3), atol=1e-5)


def test_planes() -> None:
    eye = torch.eye(2)
    fitted, _ = plane("fitted", torch.tensor([5.0, 1.0]), 4 * eye, 3)
    assert torch.allclose(fitted[4], torch.tensor([5.0, 1.0]), atol=1e-5)
    uniform, about = plane("uniform", torch.zeros(2), eye, 5)
    assert uniform.abs().max() <= 1
    assert about == "both latents from -1 to 1"
    codes = torch.randn(500, 6, generator=torch.Generator().manual_seed(0))
    codes[:, 2] *= 5
    many, about = plane("normal", torch.zeros(6), torch.eye(6), 5, codes)
    assert many.shape == (25, 6)
    assert many.var(0).argmax() == 2
    assert "two widest of 6 directions" in about
    alone, about = plane("normal", torch.zeros(1), torch.eye(1), 5)
    assert alone.shape == (5, 1)
    assert about.startswith("the one latent")


def test_without_codes_the_square_lies_between_four_latents() -> None:
    corners = torch.randn(4, 8, generator=torch.Generator().manual_seed(0))
    found, about = plane("normal", torch.zeros(8), torch.eye(8), 5, None, corners)
    assert torch.allclose(found[[0, 4, 20, 24]], corners, atol=1e-5)
    assert about == "between four latents, one at each corner"
    assert found.norm(dim=1).min() > 0.8 * corners.norm(dim=1).min()
    line, _ = plane("uniform", torch.zeros(8), torch.eye(8), 3, None, corners)
    assert torch.allclose(line[4], corners.mean(0), atol=1e-6)
