"""Principal components against a known covariance and an exact decomposition."""

import pytest
import torch

from handloom.data.images.load import load
from handloom.metrics.pca import pca_squared_error, principal_directions


def test_principal_directions_of_a_known_covariance() -> None:
    turn = torch.tensor([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1.0]])
    directions, spread = principal_directions(
        turn.T @ torch.diag(torch.tensor([9.0, 1.0, 4.0])) @ turn
    )
    assert torch.allclose(spread, torch.tensor([3.0, 2.0, 1.0]), atol=1e-5)
    assert torch.allclose(directions[0], torch.tensor([0.6, 0.8, 0]), atol=1e-5)
    assert torch.allclose(directions @ directions.T, torch.eye(3), atol=1e-5)


def test_principal_components_are_what_an_exact_decomposition_leaves() -> None:
    """Clamped to the range of an image, as an autoencoder's reconstructions are by its tanh."""
    data = load("digits")
    assert data.test is not None
    flat = data.train.image.flatten(1).double() / 127.5 - 1
    mean = flat.mean(0)
    components = torch.linalg.svd(flat - mean, full_matrices=False)[2][:16]
    image = data.test.image.flatten(1).double() / 127.5 - 1
    rebuilt = ((image - mean) @ components.T @ components + mean).clamp(-1, 1)
    wanted = (image - rebuilt).square().sum(1).mean().item()
    assert pca_squared_error(data.train.image, data.test.image, 16) == pytest.approx(wanted, 1e-3)
