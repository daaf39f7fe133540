"""Sampling that gradients go through, and the KL term of a VAE in closed form.

Kingma and Welling 2014, "Auto-encoding variational Bayes", arXiv:1312.6114. An encoder gives the
mean m and the log variance l of a Gaussian q(z) = N(m, exp(l)), and the decoder needs a sample of
it. Sampling has no derivative in m and l, but the same sample can be written

    z = m + exp(l / 2) e,    e ~ N(0, 1)            (sec. 2.4)

where the chance is outside: dz/dm = 1 and dz/dl = exp(l / 2) e / 2. Beside the reconstruction the
loss has the distance of q from the prior p = N(0, 1),

    KL(q || p) = E_q[log q(z) - log p(z)]
               = E_q[-(z - m)^2 / (2 exp(l)) - l / 2 + z^2 / 2]        the constants cancel
               = -1/2 - l / 2 + (m^2 + exp(l)) / 2                     E_q z^2 = m^2 + exp(l)
               = 1/2 (m^2 + exp(l) - 1 - l)                            (appendix B)

for each dimension, and the sum of it over all, since they are independent. It is 0 where m = l = 0
and nowhere else.
"""

import math

import torch
from torch import Tensor


def sample(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """z = m + exp(l / 2) e, all (..., D); noise: of N(0, 1)."""
    return mean + torch.exp(log_variance / 2) * noise


def kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(m, exp(l)) || N(0, I)) in nats, (..., D) -> (...)."""
    return 0.5 * (mean**2 + torch.exp(log_variance) - 1 - log_variance).sum(-1)


def log_density(z: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """log N(z; m, exp(l)) in nats, (..., D) -> (...)."""
    squares = (z - mean) ** 2 / torch.exp(log_variance)
    return -0.5 * (squares + log_variance + math.log(2 * math.pi)).sum(-1)


def kl_by_sampling(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """The same as the mean of log q(z) - log p(z) over samples; noise: (samples, ..., D)."""
    z = sample(mean, log_variance, noise)
    zero = torch.zeros_like(mean)
    return (log_density(z, mean, log_variance) - log_density(z, zero, zero)).mean(0)
