"""A network without its head."""

from torch import Tensor, nn


class Features(nn.Module):
    """image (B, C, H, W) in [0, 1] to the features (B, D) before the head.

    network: has `features`, image to (B, D) or (B, ...).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        features: Tensor = self.network.features(image)  # type: ignore[operator]
        return features.flatten(1)
