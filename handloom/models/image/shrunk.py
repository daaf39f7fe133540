"""A network that sees its images at a smaller size."""

from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from handloom.models.image.resnet import ResNet


class Shrunk(nn.Module):
    """A ResNet behind means over areas: image (B, C, H, W) in [0, 1] to logits (B, K).

    size: (H, W) the network was made for; images of that size go through as they are.
    """

    def __init__(self, network: ResNet, size: tuple[int, int]) -> None:
        super().__init__()
        self.network, self.size = network, size

    @property
    def head(self) -> nn.Linear:
        """features (B, F) to logits (B, K)."""
        return self.network.head

    def features(self, image: Tensor) -> Tensor:
        """What the head sees, (B, F)."""
        if image.shape[2:] != self.size:
            image = adaptive_avg_pool2d(image, self.size)
        return self.network.features(image)

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(image))
        return logits


def shrunk_size(height: int, width: int, most: int) -> tuple[int, int]:
    """Sides of at most `most` pixels in the same ratio, at least 4."""
    scale = min(1.0, most / max(height, width))
    return max(4, round(height * scale)), max(4, round(width * scale))
