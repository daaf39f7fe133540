"""The largest singular value, with and without a moving weight."""

import pytest
import torch
from torch import nn

from handloom.models.layers.spectral_norm import Spectral, follow


@pytest.mark.parametrize("layer", [nn.Linear(30, 20), nn.Conv2d(3, 8, 4, 2, padding=1)])
def test_the_weights_largest_singular_value_is_one(layer: nn.Linear | nn.Conv2d) -> None:
    torch.manual_seed(0)
    spectral = Spectral(layer, start=200)
    assert largest(spectral) == pytest.approx(1, abs=1e-3)
    with torch.no_grad():
        layer.weight *= 5
    assert largest(spectral) == pytest.approx(1, abs=1e-3)


def test_follows_a_weight_that_learns() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(Spectral(nn.Linear(30, 20)))
    for _ in range(50):
        with torch.no_grad():
            network[0].layer.weight += 0.01 * torch.randn(20, 30)
        follow(network)
    assert largest(network[0]) == pytest.approx(1, abs=0.05)


def test_forward_moves_no_buffer_and_is_the_divided_layer() -> None:
    spectral = Spectral(nn.Conv2d(3, 4, 3, padding=1))
    before = [b.clone() for b in spectral.buffers()]
    image = torch.rand(2, 3, 5, 5)
    found = spectral(image)
    assert all(torch.equal(a, b) for a, b in zip(before, spectral.buffers(), strict=True))
    layer = spectral.layer
    expected = nn.functional.conv2d(image, spectral.weight(), layer.bias, padding=1)
    torch.testing.assert_close(found, expected)


def test_gradient_includes_the_singular_value() -> None:
    spectral = Spectral(nn.Linear(4, 3), start=200)
    (spectral.weight() * spectral.layer.weight.detach()).sum().backward()
    # The quotient does not depend on the weight's length, so no gradient lies along it.
    along = (spectral.layer.weight.grad * spectral.layer.weight).sum()
    assert along.abs() < 1e-5


def largest(spectral: Spectral) -> float:
    """The largest singular value of the divided weight."""
    return torch.linalg.matrix_norm(spectral.weight().flatten(1), 2).item()
