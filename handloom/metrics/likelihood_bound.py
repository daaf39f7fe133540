"""The importance-weighted bound on log p(x) of a variational autoencoder."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

Nll = Callable[[Tensor, Tensor], Tensor]
"""(logits, x) -> -log p(x | logits), nats (B,)."""


@torch.no_grad()
def importance_bound(
    encoder: nn.Module,
    decoder: nn.Module,
    image: Tensor,
    label: Tensor | None,
    likelihood: Nll,
    k: int,
    chunk: int = 1024,
    generator: torch.Generator | None = None,
) -> Tensor:
    """log 1/k sum_i p(x, z_i) / q(z_i | x) with k samples z_i of q, nats, float32 (B,).

    In expectation a lower bound on log p(x), tighter with larger k and exact in the limit (Burda et
    al. 2016, arXiv:1509.00519, eq. 8). k = 1 is an estimate of the evidence lower bound.

    encoder: (image, label) -> (B, 2 D), means and log variances; decoder: (latent, label) ->
    logits. image: (B, C, H, W), already binarized where the likelihood requires it. chunk: latents
    decoded at once, at least one per image. generator: of the CPU.
    """
    mean, log_variance = encoder(image, label).float().chunk(2, 1)
    deviation = torch.exp(0.5 * log_variance)
    total = torch.full((len(image),), -math.inf, dtype=torch.float64, device=image.device)
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
    return (total - math.log(k)).float()
