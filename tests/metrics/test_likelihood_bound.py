"""Both bounds on a linear Gaussian VAE, where log p(x) is known exactly."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import MultivariateNormal

from handloom.metrics.likelihood_bound import Bounds, bits_per_dimension, likelihood_bounds

PIXELS, LATENT, VARIANCE = 6, 2, 0.3


class Linear(nn.Module):
    """x = W z + noise of variance 0.3: log p(x) = log N(x; 0, W W' + 0.3 I)."""

    def __init__(self, factor: float = 1.0, spread: float = 1.0) -> None:
        super().__init__()
        self.weight = torch.randn(PIXELS, LATENT, generator=torch.Generator().manual_seed(3))
        # The exact posterior is N(M^-1 W' x, 0.3 M^-1) with M = W' W + 0.3 I (Tipping and Bishop
        # 1999); factor and spread make q another one, diagonal as it is.
        inner = self.weight.T @ self.weight + VARIANCE * torch.eye(LATENT)
        self.inverse, self.factor, self.spread = inner.inverse(), factor, spread

    def encoder(self, image: Tensor, label: Tensor | None) -> Tensor:
        mean = self.factor * image.flatten(1) @ self.weight @ self.inverse.T
        variance = (self.spread * VARIANCE * self.inverse.diagonal()).expand_as(mean)
        return torch.cat([mean, variance.log()], 1)

    def decoder(self, latent: Tensor, label: Tensor | None) -> Tensor:
        return (latent @ self.weight.T).view(-1, 1, 2, 3)

    def nats(self, logits: Tensor, x: Tensor) -> Tensor:
        away = (logits - x).flatten(1).square().sum(1) / (2 * VARIANCE)
        return away + 0.5 * PIXELS * math.log(2 * math.pi * VARIANCE)

    def exact(self, image: Tensor) -> Tensor:
        covariance = self.weight @ self.weight.T + VARIANCE * torch.eye(PIXELS)
        return MultivariateNormal(torch.zeros(PIXELS), covariance).log_prob(image.flatten(1))


def bound(model: Linear, image: Tensor, k: int, seed: int = 0, chunk: int = 1024) -> Tensor:
    return bounds(model, image, k, seed, chunk).importance


def bounds(model: Linear, image: Tensor, k: int, seed: int = 0, chunk: int = 1024) -> Bounds:
    return likelihood_bounds(
        model.encoder,  # type: ignore[arg-type]
        model.decoder,  # type: ignore[arg-type]
        image,
        None,
        model.nats,
        k,
        chunk,
        torch.Generator().manual_seed(seed),
    )


@pytest.fixture
def image() -> Tensor:
    return torch.randn(40, 1, 2, 3, generator=torch.Generator().manual_seed(4))


def test_converges_to_the_exact_likelihood(image: Tensor) -> None:
    model = Linear(0.8, 1.5)
    found = bound(model, image, 20_000)
    assert torch.allclose(found, model.exact(image), atol=0.1)
    assert (found - model.exact(image)).mean().abs() < 0.01


def test_more_samples_are_never_worse(image: Tensor) -> None:
    model = Linear(0.7, 1.2)
    exact = model.exact(image).mean()
    means = [bound(model, image, k).mean() for k in (1, 5, 50, 500, 5000)]
    for fewer, more in itertools.pairwise(means):
        assert more > fewer - 0.02
    assert means[0] < exact - 0.1
    assert means[-1] < exact + 0.01


def test_one_sample_is_the_evidence_lower_bound(image: Tensor) -> None:
    """Averaged over draws: E[-nats] - KL(q || p), the KL in closed form. The mean over the samples
    of one call is the same, whatever the chunks."""
    from handloom.objectives.vae import divergence

    model = Linear(0.9, 1.3)
    drawn = torch.stack([bound(model, image, 1, seed) for seed in range(400)]).mean(0)
    mean, log_variance = model.encoder(image, None).chunk(2, 1)
    away = (mean @ model.weight.T - image.flatten(1)).square().sum(1)
    away = away + (log_variance.exp() @ model.weight.square().T).sum(1)
    expected = -away / (2 * VARIANCE) - 0.5 * PIXELS * math.log(2 * math.pi * VARIANCE)
    wanted = expected - divergence(mean, log_variance)
    assert (drawn - wanted).mean().abs() < 0.05
    found = bounds(model, image, 400, chunk=1000)
    elbo = -found.reconstruction - divergence(found.mean, found.log_variance)
    assert (elbo - wanted).mean().abs() < 0.05
    assert found.importance.mean() > elbo.mean()


def test_chunks_change_nothing_but_rounding(image: Tensor) -> None:
    model = Linear(0.9, 1.3)
    assert torch.allclose(bound(model, image, 30), bound(model, image, 30, chunk=80), atol=1e-4)
    assert torch.allclose(bound(model, image, 30), bound(model, image, 30, chunk=1), atol=1e-4)


def test_bits_per_dimension_are_those_of_the_probabilities() -> None:
    """Of a fair bit one; of 256 levels those of a normal's probabilities, each of its bin."""
    assert bits_per_dimension(10 * math.log(2), 10, 2) == pytest.approx(1.0)
    level = torch.arange(256, dtype=torch.float64) / 255
    normal = torch.distributions.Normal(torch.tensor(0.5).double(), 0.05)
    share = normal.cdf(level + 0.5 / 255) - normal.cdf(level - 0.5 / 255)
    bits = -(share * share.clamp(min=1e-300).log2()).sum()
    nats = -(share * normal.log_prob(level)).sum()
    assert nats < 0
    assert bits_per_dimension(nats.item(), 1, 256) == pytest.approx(bits.item(), abs=1e-3)
