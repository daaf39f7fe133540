"""Squares in the latent space."""

import pytest
import torch

from handloom.jobs.generation.planes import plane, square


def test_a_square_is_ordered_like_an_image() -> None:
    found = square(3)
    assert found.shape == (9, 2)
    assert torch.allclose(found[4], torch.zeros(2), atol=1e-6)
    assert found[0, 0] < 0 < found[0, 1]  # left and above
    assert found[8, 0] > 0 > found[8, 1]
    assert found[2, 0] == pytest.approx(2.0537, abs=1e-3)  # 98 % of a normal lie below


def test_planes() -> None:
    eye = torch.eye(2)
    fitted, _ = plane("fitted", torch.tensor([5.0, 1.0]), 4 * eye, 3)
    assert torch.allclose(fitted[4], torch.tensor([5.0, 1.0]), atol=1e-5)
    uniform, about = plane("uniform", torch.zeros(2), eye, 5)
    assert uniform.abs().max() == pytest.approx(0.96)
    assert about == "both latent dimensions from -0.96 to 0.96"
    latents = torch.randn(500, 6, generator=torch.Generator().manual_seed(0))
    latents[:, 2] *= 5
    many, about = plane("normal", torch.zeros(6), torch.eye(6), 5, latents)
    assert many.shape == (25, 6)
    assert many.var(0).argmax() == 2
    assert "first two of 6 principal components" in about
    alone, about = plane("normal", torch.zeros(1), torch.eye(1), 5)
    assert alone.shape == (5, 1)
    assert about.startswith("the one latent dimension")


def test_without_latents_the_square_lies_between_four_latents() -> None:
    corners = torch.randn(4, 8, generator=torch.Generator().manual_seed(0))
    found, about = plane("normal", torch.zeros(8), torch.eye(8), 5, None, corners)
    assert torch.allclose(found[[0, 4, 20, 24]], corners, atol=1e-5)
    assert about == "between four latents, one at each corner"
    assert found.norm(dim=1).min() > 0.8 * corners.norm(dim=1).min()
    line, _ = plane("uniform", torch.zeros(8), torch.eye(8), 3, None, corners)
    assert torch.allclose(line[4], corners.mean(0), atol=1e-6)
