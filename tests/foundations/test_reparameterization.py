"""The KL term in closed form, beside sampling and beside the VAE's; gradients through samples."""

import torch
from torch.distributions import Normal, kl_divergence

from handloom.foundations.reparameterization import kl, kl_by_sampling, log_density, sample
from handloom.objectives.vae import divergence

MEAN = torch.tensor([[0.5, -1.0], [0.0, 0.0]])
LOG_VARIANCE = torch.tensor([[0.3, -0.8], [0.0, 0.0]])


def test_the_closed_form_is_the_vaes_and_torchs() -> None:
    torch.testing.assert_close(kl(MEAN, LOG_VARIANCE), divergence(MEAN, LOG_VARIANCE))
    q = Normal(MEAN, torch.exp(LOG_VARIANCE / 2))
    expected = kl_divergence(q, Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(kl(MEAN, LOG_VARIANCE), expected)
    assert kl(MEAN, LOG_VARIANCE)[1] == 0


def test_sampling_agrees_with_it() -> None:
    noise = torch.randn(100_000, 2, 2, generator=torch.Generator().manual_seed(0))
    sampled = kl_by_sampling(MEAN, LOG_VARIANCE, noise)
    torch.testing.assert_close(sampled, kl(MEAN, LOG_VARIANCE), atol=0.02, rtol=0)


def test_samples_have_the_mean_and_the_variance() -> None:
    noise = torch.randn(100_000, 2, generator=torch.Generator().manual_seed(0))
    z = sample(MEAN[0], LOG_VARIANCE[0], noise)
    torch.testing.assert_close(z.mean(0), MEAN[0], atol=0.02, rtol=0)
    torch.testing.assert_close(z.var(0), LOG_VARIANCE[0].exp(), atol=0.02, rtol=0)
    expected = Normal(MEAN[0], torch.exp(LOG_VARIANCE[0] / 2)).log_prob(z).sum(1)
    torch.testing.assert_close(log_density(z, MEAN[0], LOG_VARIANCE[0]), expected)


def test_gradients_go_through_a_sample() -> None:
    mean, log_variance = MEAN.clone().requires_grad_(), LOG_VARIANCE.clone().requires_grad_()
    noise = torch.randn(2, 2)
    sample(mean, log_variance, noise).sum().backward()
    assert mean.grad is not None
    assert log_variance.grad is not None
    torch.testing.assert_close(mean.grad, torch.ones(2, 2))
    torch.testing.assert_close(log_variance.grad, torch.exp(LOG_VARIANCE / 2) * noise / 2)
