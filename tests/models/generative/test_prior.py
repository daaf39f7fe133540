"""Priors: what is drawn has the moments asked for, and seeds repeat."""

import pytest
import torch

from handloom.models.generative.prior import Kind, Prior


@pytest.mark.parametrize(("kind", "deviation"), [("normal", 1.0), ("uniform", 3**-0.5)])
def test_moments_and_truncation(kind: Kind, deviation: float) -> None:
    prior, generator = Prior(3, kind), torch.Generator().manual_seed(0)
    drawn = prior(20_000, generator)
    assert drawn.shape == (20_000, 3)
    assert drawn.mean(0).abs().max() < 0.03
    assert (drawn.std(0) - deviation).abs().max() < 0.03
    again = prior(20_000, torch.Generator().manual_seed(0), truncation=0.5)
    assert torch.equal(again, 0.5 * drawn)


def test_a_fitted_prior_draws_like_the_codes_it_saw() -> None:
    torch.manual_seed(0)
    mix = torch.tensor([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0], [0.0, 0.0, 0.0]])  # one dead direction
    prior = Prior(3, "fitted")
    for _ in range(50):
        prior.update(torch.randn(200, 3) @ mix.T + torch.tensor([1.0, -2.0, 3.0]))
    drawn = prior(20_000, torch.Generator().manual_seed(1))
    assert torch.allclose(drawn.mean(0), torch.tensor([1.0, -2.0, 3.0]), atol=0.06)
    assert torch.allclose(drawn.T.cov(), mix @ mix.T, atol=0.12)
    assert drawn[:, 2].std() < 1e-3


def test_moments_of_a_first_batch_are_its_own() -> None:
    codes = torch.randn(64, 4, generator=torch.Generator().manual_seed(2))
    prior = Prior(4, "fitted")
    prior.update(codes)
    assert torch.allclose(prior.mean, codes.mean(0), atol=1e-6)
    assert torch.allclose(prior.covariance, codes.T.cov(correction=0), atol=1e-5)


def test_fitting_forgets_what_was_followed() -> None:
    codes = 5 + torch.randn(64, 4, generator=torch.Generator().manual_seed(2))
    prior = Prior(4, "fitted")
    prior.update(torch.zeros(8, 4))
    prior.fit(codes)
    assert torch.allclose(prior.mean, codes.mean(0), atol=1e-6)
    assert torch.allclose(prior.covariance, codes.T.cov(correction=0), atol=1e-5)


def test_old_codes_are_forgotten() -> None:
    prior = Prior(1, "fitted")
    for place in [0.0] * 200 + [10.0] * 600:
        prior.update(torch.full((8, 1), place))
    assert abs(prior.mean.item() - 10) < 0.05
