"""Priors of latents: standard normal, uniform, or a Gaussian fitted to encoded images."""

from typing import Literal

import torch
from torch import Tensor, nn

Kind = Literal["normal", "uniform", "fitted"]


class Prior(nn.Module):
    """Samples latents (count, D).

    latent_dim: D; kind: `normal` is N(0, I), `uniform` is [-1, 1) in every coordinate, `fitted` is
    a Gaussian with the moments set by `fit`, or tracked by `update`. The moments are buffers, saved
    with the weights. With a generator of the CPU the samples are the same on every device;
    without one, they come from the default generator of the prior's device.
    """

    mean: Tensor
    covariance: Tensor
    updates: Tensor

    def __init__(self, latent_dim: int, kind: Kind = "normal") -> None:
        super().__init__()
        self.latent_dim, self.kind = latent_dim, kind
        self.register_buffer("mean", torch.zeros(latent_dim))
        self.register_buffer("covariance", torch.eye(latent_dim))
        self.register_buffer("updates", torch.zeros(()))

    def forward(
        self, count: int, generator: torch.Generator | None = None, truncation: float = 1.0
    ) -> Tensor:
        """Latents (count, D), on the device of the prior.

        generator: of the CPU, or None for the device's own. truncation: factor of the distance from
        the mean, in (0, 1]; smaller gives likelier and less diverse images (Karras et al. 2019,
        arXiv:1812.04948, section B).
        """
        shape = (count, self.latent_dim)
        # A copy from the host would stall a GPU, and a CUDA graph would repeat its latents.
        device = self.mean.device if generator is None else generator.device
        if self.kind == "uniform":
            latent = 2 * torch.rand(shape, generator=generator, device=device) - 1
        else:
            latent = torch.randn(shape, generator=generator, device=device)
        latent = truncation * latent.to(self.mean.device)
        return self.mean + latent @ self._factor().T if self.kind == "fitted" else latent

    @torch.no_grad()
    def update(self, latent: Tensor, memory: float = 100.0) -> None:
        """Update the moments with a batch of latents (B, D): a moving average over about the last
        `memory` batches, since latents drift while the encoder learns.

        Does not wait for the device.
        """
        self.updates += 1
        share = self.updates.reciprocal().clamp_(min=1 / memory)
        centred = latent.detach().float() - self.mean
        # Moments about the old mean, then shifted to the new one.
        self.covariance.lerp_(centred.T @ centred / len(latent), share)
        step = share * centred.mean(0)
        self.covariance.sub_(torch.outer(step, step))
        self.mean.add_(step)

    @torch.no_grad()
    def fit(self, latent: Tensor) -> None:
        """Set the moments to those of latents (N, D)."""
        latent = latent.cpu().double()  # MPS has no float64
        mean = latent.mean(0)
        centred = latent - mean
        self.mean.copy_(mean)
        self.covariance.copy_(centred.T @ centred / len(latent))

    def _factor(self) -> Tensor:
        """(D, D) with factor @ factor.T = covariance; an unused direction stays at zero."""
        values, vectors = torch.linalg.eigh(self.covariance)
        factor: Tensor = vectors * values.clamp(min=0).sqrt()
        return factor
