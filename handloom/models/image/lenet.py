"""LeNet with sigmoids and average pooling, after LeCun et al. 1998, as tutorials teach it."""

from collections.abc import Sequence

from torch import Tensor, nn

from handloom.errors import UserError
from handloom.models.layers.normalize import Normalize


class LeNet(nn.Module):
    """Convolutions of 5x5 with 6 (padding 2) and 16 channels, then 120-84-K; Xavier uniform.

    size: (H, W, C) of the images, at least 4x4; classes: K. forward: image (B, C, H, W) in [0, 1]
    to logits (B, K). Raises UserError where the images are too small.

    Differences: below 12x12 (the 8x8 digits) the second convolution is padded like the first,
    since nothing would be left of the image.
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        classes: int,
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
    ) -> None:
        super().__init__()
        height, width, channels = size
        if min(height, width) < 4:
            raise UserError(
                f"the images are {width}x{height}, but lenet pools them twice and needs at least "
                "4x4: give --size 4 or more, or --network mlp"
            )
        padding = 0 if min(height, width) >= 12 else 2
        rows, columns = ((side // 2 - 4 + 2 * padding) // 2 for side in (height, width))
        self.normalize = Normalize(channels, mean, std)
        self.body = nn.Sequential(
            *(nn.Conv2d(channels, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2)),
            *(nn.Conv2d(6, 16, 5, padding=padding), nn.Sigmoid(), nn.AvgPool2d(2)),
            *(nn.Flatten(), nn.Linear(16 * rows * columns, 120), nn.Sigmoid()),
            *(nn.Linear(120, 84), nn.Sigmoid()),
        )
        self.head = nn.Linear(84, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                nn.init.xavier_uniform_(layer.weight)

    def features(self, image: Tensor) -> Tensor:
        """The layer before the logits, (B, 84)."""
        features: Tensor = self.body(self.normalize(image))
        return features

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(image))
        return logits
