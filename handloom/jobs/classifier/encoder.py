"""A classifier as an encoder of images: what its last layer sees."""

from torch import Tensor, nn

from handloom.encoders import Encoder
from handloom.jobs.encoding import run_encoder
from handloom.jobs.loading import Loaded


class Features(nn.Module):
    """image (B, C, H, W) in [0, 1] to the features (B, D) before the head."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        features: Tensor = self.network.features(image)  # type: ignore[operator]
        return features.flatten(1)


def encoder(run: Loaded) -> Encoder:
    """The features of a run's network."""
    return run_encoder(run, Features(run.networks["network"]))
