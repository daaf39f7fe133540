"""Variational autoencoder: the evidence lower bound, in nats per image."""

from typing import Literal

import torch
from torch import Tensor, nn

from handloom.engine.objective import Batch, Loss, Objective, Phase

ACTIVE = 0.01  # variance of a latent's mean over the set, above which it is in use


class VAE(Objective):
    """Minimises reconstruction + beta * kl, each a mean over the batch in nats per image.

    reconstruction = -log p(x | z) with z sampled from q(z | x) = N(mean, exp(log variance)), and
    kl = KL(q(z | x) || N(0, I)) (Kingma and Welling 2014, arXiv:1312.6114, eq. 10; beta from
    Higgins et al. 2017).

    Batch fields: `image` float (B, C, H, W) in [0, 1], and `label` int64 (B,) if conditional.
    Phase `elbo`: every parameter of encoder and decoder.

    encoder: (image, label) -> (B, 2 D), means and log variances; decoder: (latent, label) ->
    logits (B, C, H, W); prior: kept and saved with them.
    likelihood: (logits, x) -> nats (B,), see `objectives.likelihood`.
    binarize: `dynamic` samples every pixel of x from its intensity, anew in every batch.
    weight: beta at the end of the training, by which evaluations weigh the KL.
    Metrics: `reconstruction`, `kl`, `loss` (reconstruction + weight * kl), and `active`, the
    number of latents whose mean varies by more than 0.01 over the set (Burda et al. 2016,
    arXiv:1509.00519, sec. 5.1).
    """

    beta: Tensor

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        prior: nn.Module,
        likelihood: nn.Module,
        binarize: Literal["dynamic", "none"] = "none",
        conditional: bool = False,
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.prior = encoder, decoder, prior
        self.likelihood = likelihood
        self.binarize, self.conditional, self.weight = binarize, conditional, weight
        self.register_buffer("beta", torch.ones(()), persistent=False)  # scheduled

    def phases(self) -> list[Phase]:
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        return [Phase("elbo", self.loss, parameters)]

    def loss(self, batch: Batch) -> Loss:
        reconstruction, kl, _ = self.terms(batch)
        terms = {"reconstruction": reconstruction.mean(), "kl": kl.mean()}
        return terms["reconstruction"] + self.beta * terms["kl"], terms

    def terms(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction and kl, nats (B,), and the means (B, D)."""
        image = batch["image"]
        label = batch["label"] if self.conditional else None
        # A comparison is four times as fast as torch.bernoulli on a CPU.
        x = image
        if self.binarize == "dynamic":
            x = (torch.rand_like(image) < image).to(image.dtype)
        mean, log_variance = self.encoder(x, label).float().chunk(2, 1)  # (B, D) each
        latent = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        reconstruction = self.likelihood(self.decoder(latent, label), x)
        return reconstruction, divergence(mean, log_variance), mean

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        reconstruction, kl, mean = self.terms(batch)
        return {"reconstruction": reconstruction, "kl": kl, "mean": mean}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        reconstruction, kl = outputs["reconstruction"].mean(), outputs["kl"].mean()
        return {
            "loss": reconstruction + self.weight * kl,
            "reconstruction": reconstruction,
            "kl": kl,
            "active": active(outputs["mean"]),
        }


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log variance)) || N(0, I)) in nats, (B,); both (B, D) in float32."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)


def active(mean: Tensor) -> Tensor:
    """How many latents are in use, by their means (N, D) over a set; none by a single image."""
    # Of the population, so that a single image has a variance: 0.
    return (mean.var(0, correction=0) > ACTIVE).sum()
