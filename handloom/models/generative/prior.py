"""Where latents are drawn from: a normal, a uniform, or a Gaussian fitted to codes."""

from typing import Literal

import torch
from torch import Tensor, nn

Kind = Literal["normal", "uniform", "fitted"]


class Prior(nn.Module):
    """Draws latents (count, D).

    latent: D; kind: `normal` is N(0, I), `uniform` is [-1, 1) in every coordinate, `fitted` is a
    Gaussian with the mean and covariance of the codes that `follow` was shown. Its moments are
    buffers, kept with the weights. What is drawn with a generator is the same on every device;
    without one, latents come from the default generator of the prior's own device.
    """

    mean: Tensor
    covariance: Tensor
    seen: Tensor

    def __init__(self, latent: int, kind: Kind = "normal") -> None:
        super().__init__()
        self.latent, self.kind = latent, kind
        self.register_buffer("mean", torch.zeros(latent))
        self.register_buffer("covariance", torch.eye(latent))
        self.register_buffer("seen", torch.zeros(()))

    def forward(
        self, count: int, generator: torch.Generator | None = None, truncation: float = 1.0
    ) -> Tensor:
        """Latents (count, D), on the device of the prior.

        generator: of the CPU, or None for the device's own. truncation: factor of the way from the
        middle, in (0, 1]; smaller gives likelier and less diverse images (Karras et al. 2019,
        arXiv:1812.04948, section B).
        """
        shape = (count, self.latent)
        # A copy from the host would stop a GPU, and freeze the latents of a captured step.
        device = self.mean.device if generator is None else generator.device
        if self.kind == "uniform":
            found = 2 * torch.rand(shape, generator=generator, device=device) - 1
        else:
            found = torch.randn(shape, generator=generator, device=device)
        drawn = truncation * found.to(self.mean.device)
        return self.mean + drawn @ self._factor().T if self.kind == "fitted" else drawn

    @torch.no_grad()
    def follow(self, codes: Tensor, memory: float = 100.0) -> None:
        """Take in a batch of codes (B, D): moments over about the last `memory` batches.

        Codes drift while their encoder learns, so old ones are forgotten. Does not wait for the
        device.
        """
        self.seen += 1
        share = self.seen.reciprocal().clamp_(min=1 / memory)
        away = codes.detach().float() - self.mean
        # Moments about the old mean, then moved to the new one.
        self.covariance.lerp_(away.T @ away / len(codes), share)
        step = share * away.mean(0)
        self.covariance.sub_(torch.outer(step, step))
        self.mean.add_(step)

    @torch.no_grad()
    def fit(self, codes: Tensor) -> None:
        """Take the moments of all codes (N, D), and forget what was followed."""
        codes = codes.cpu().double()  # which Apple's GPUs do not have
        mean = codes.mean(0)
        away = codes - mean
        self.mean.copy_(mean)
        self.covariance.copy_(away.T @ away / len(codes))

    def _factor(self) -> Tensor:
        """(D, D) with factor @ factor.T = covariance; a direction never used stays at zero."""
        values, vectors = torch.linalg.eigh(self.covariance)
        factor: Tensor = vectors * values.clamp(min=0).sqrt()
        return factor
