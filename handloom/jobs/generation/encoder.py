"""The encoder of an autoencoder or a vae as an encoder of images: its latents."""

from torch import Tensor, nn

from handloom.encoders import Encoder
from handloom.errors import UserError
from handloom.jobs.generation.records import GenerationRecord
from handloom.jobs.images.encoding import run_encoder
from handloom.jobs.loading import Loaded


class Latent(nn.Module):
    """image (B, C, H, W) in [0, 1] to latents (B, D): of a variational encoder the means."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.latent_dim = int(encoder.latent_dim)  # type: ignore[arg-type]

    def forward(self, image: Tensor) -> Tensor:
        latent: Tensor = self.encoder(image)
        return latent[:, : self.latent_dim]


def encoder(run: Loaded[GenerationRecord]) -> Encoder:
    """Latents of a run. Raises UserError where they depend on a class."""
    if run.config.get("conditional"):
        raise UserError(
            f"{run.directory.path} is a conditional run, whose latents depend on the class of an "
            "image: use 'handloom encode', or a run without --conditional"
        )
    return run_encoder(run, Latent(run.networks["encoder"]))
