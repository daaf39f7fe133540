"""Bounds on log p(x) of a variational autoencoder: the evidence and the importance-weighted one."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

Nll = Callable[[Tensor, Tensor], Tensor]
"""(logits, x) -> -log p(x | logits), nats (B,)."""


class Bounds(NamedTuple):
    """What k samples of q(z | x) say of every image, float32.

    importance: the importance-weighted bound on log p(x), nats (B,). reconstruction: the mean of
    -log p(x | z), nats (B,). mean, log_variance: of q(z | x), (B, D). The evidence lower bound is
    -(reconstruction + KL(q || p)), the KL in closed form.
    """

    importance: Tensor
    reconstruction: Tensor
    mean: Tensor
    log_variance: Tensor


@torch.no_grad()
def likelihood_bounds(
    encoder: nn.Module,
    decoder: nn.Module,
    image: Tensor,
    label: Tensor | None,
    likelihood: Nll,
    k: int,
    chunk: int = 1024,
    generator: torch.Generator | None = None,
) -> Bounds:
    """Both bounds by the same k samples z_i of q.

    The importance-weighted one is log 1/k sum_i p(x, z_i) / q(z_i | x): in expectation a lower
    bound on log p(x), tighter with larger k and exact in the limit (Burda et al. 2016,
    arXiv:1509.00519, eq. 8).

    encoder: (image, label) -> (B, 2 D), means and log variances; decoder: (latent, label) ->
    logits. image: (B, C, H, W), already binarized where the likelihood requires it. chunk: latents
    decoded at once, at least one per image. generator: of the CPU.
    """
    mean, log_variance = encoder(image, label).float().chunk(2, 1)
    deviation = torch.exp(0.5 * log_variance)
    total = torch.full((len(image),), -math.inf, dtype=torch.float64, device=image.device)
    nats = torch.zeros_like(total)
    at_once = max(1, chunk // len(image))
    for start in range(0, k, at_once):
        count = min(at_once, k - start)
        noise = torch.randn(count, *mean.shape, generator=generator).to(mean.device)
        latent = mean + deviation * noise  # (count, B, D)
        x = image.expand(count, *image.shape).flatten(0, 1)
        logits = decoder(latent.flatten(0, 1), None if label is None else label.repeat(count))
        nll = likelihood(logits, x).view(count, -1)
        # log p(z) - log q(z | x), in which the constants of the two normals cancel.
        log_ratio = 0.5 * (noise.square() - latent.square() + log_variance).sum(2)  # (count, B)
        log_weight = (log_ratio - nll).double().logsumexp(0)
        total = torch.logaddexp(total, log_weight)
        nats += nll.double().sum(0)
    return Bounds((total - math.log(k)).float(), (nats / k).float(), mean, log_variance)


def bits_per_dimension(nats: float, dimensions: int, levels: int) -> float:
    """Nats of an image as bits for each of its numbers.

    levels: of a number, 2 where it is a bit, whose nats are of a probability. Nats of a density
    over [0, 1] are those of bins of 1 / (levels - 1), as wide as the distance of two levels, which
    gives what 256 levels cost.
    """
    width = 0.0 if levels == 2 else math.log2(levels - 1)
    return nats / (dimensions * math.log(2)) + width
