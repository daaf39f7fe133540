"""Autoencoder: an image encoded as a short latent, and reconstructed from it."""

from typing import Any

import torch
from torch import Tensor, nn

from handloom.engine.objective import Batch, Loss, Objective, Phase
from handloom.objectives.squares import squared_error


class Autoencoder(Objective):
    """Minimises |2 image - 1 - tanh(decoder(encoder(image)))|^2: the sum of squares over the
    pixels of an image in [-1, 1], averaged over the batch.

    Batch fields: `image` float (B, C, H, W) in [0, 1].
    Phase `autoencoder`: every parameter of encoder and decoder.

    encoder: image -> latent (B, D); decoder: latent -> logits (B, C, H, W).
    prior: its `update(latent)` tracks the moments of the latents, from which it samples.
    Metrics: `loss`, the same mean over a whole set.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, prior: Any) -> None:
        super().__init__()
        self.encoder, self.decoder, self.prior = encoder, decoder, prior

    def phases(self) -> list[Phase]:
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        return [Phase("autoencoder", self.loss, parameters)]

    def loss(self, batch: Batch) -> Loss:
        latent = self.encoder(batch["image"])  # (B, D)
        with torch.autocast(latent.device.type, enabled=False):  # a covariance needs float32
            self.prior.update(latent)
        return 4 * squared_error(self.decoder(latent), batch["image"]).mean(), {}

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        latent = self.encoder(batch["image"])
        return {"squares": 4 * squared_error(self.decoder(latent), batch["image"])}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"loss": outputs["squares"].mean()}
