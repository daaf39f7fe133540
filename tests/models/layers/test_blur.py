"""Blur against a direct sum, per image, and what it leaves alone."""

import math

import pytest
import torch

from handloom.models.layers.blur import Blur, _weights


def test_weights_are_a_gaussian() -> None:
    weights = _weights(9, torch.tensor([1.5]).view(1, 1, 1))[0]
    for place in range(9):
        row = [math.exp(-((place - other) ** 2) / (2 * 1.5**2)) for other in range(9)]
        assert weights[place].tolist() == pytest.approx([value / sum(row) for value in row])


def test_a_point_becomes_a_round_spot() -> None:
    torch.manual_seed(0)
    image = torch.zeros(64, 1, 21, 21)
    image[:, :, 10, 10] = 1
    seen = Blur(1.0)(image)
    torch.testing.assert_close(seen, seen.mT)
    torch.testing.assert_close(seen.sum((1, 2, 3)), torch.ones(64), atol=1e-3, rtol=0)
    assert seen[:, 0, 10, 10].std() > 0.1  # each by a Gaussian of its own


def test_half_of_the_images_stay_to_the_bit() -> None:
    torch.manual_seed(0)
    image = torch.rand(2000, 1, 6, 6)
    same = (Blur(0.5)(image) == image).all(3).all(2).all(1)
    # A Gaussian of less than a quarter of a pixel hardly changes an image either.
    assert same.float().mean().item() == pytest.approx(0.5, abs=0.05)


def test_an_image_of_one_colour_stays_at_its_edges_too() -> None:
    torch.testing.assert_close(
        Blur(1.0)(torch.full((4, 3, 7, 5), 0.3)), torch.full((4, 3, 7, 5), 0.3)
    )


def test_a_share_above_1_is_refused() -> None:
    with pytest.raises(ValueError, match="probability"):
        Blur(1.5)
