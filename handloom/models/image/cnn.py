"""The classic tutorial's convolutional network: three convolutions and two linear layers."""

from collections.abc import Sequence

from torch import Tensor, nn

from handloom.errors import UserError
from handloom.models.layers.normalize import Normalize


class CNN(nn.Module):
    """Convolutions of 3x3, ReLU and 2x2 max pooling after each, linear, ReLU, linear.

    size: (H, W, C) of the images, at least 8x8 for the three poolings (1024-512-K at 32x32);
    classes: K. forward: image (B, C, H, W) in [0, 1] to logits (B, K). Raises UserError where the
    images are too small.
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        classes: int,
        widths: Sequence[int] = (16, 32, 64),
        hidden: int = 512,
        mean: Sequence[float] = (0.5,),
        std: Sequence[float] = (0.5,),
    ) -> None:
        super().__init__()
        height, width, channels = size
        shrink: int = 2 ** len(widths)
        if min(height, width) < shrink:
            raise UserError(
                f"the images are {width}x{height}, but cnn pools them {len(widths)} times and "
                f"needs at least {shrink}x{shrink}: give --size {shrink} or more, or --network mlp"
            )
        layers: list[nn.Module] = []
        for before, after in zip((channels, *widths), widths, strict=False):
            # The maximum before the ReLU: the same numbers, a quarter of the work.
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()]
        flat = widths[-1] * (height // shrink) * (width // shrink)
        self.normalize = Normalize(channels, mean, std)
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, classes)

    def features(self, image: Tensor) -> Tensor:
        """The layer before the logits, (B, hidden)."""
        features: Tensor = self.body(self.normalize(image))
        return features

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(image))
        return logits
