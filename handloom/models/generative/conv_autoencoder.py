"""The classic tutorial's convolutional autoencoder: 1-16-8 channels, an 8x2x2 latent, and back."""

from torch import Tensor, nn

from handloom.models.generative.dense_autoencoder import activate

SMALL = 16  # pixels, below which the stride of 3 would leave nothing to pool


class ConvEncoder(nn.Module):
    """Convolution C-16 (3x3, stride 3, padding 1), ReLU, 2x2 pool, convolution 16-8 (3x3, stride
    2, padding 1), ReLU, 2x2 pool of stride 1.

    size: (H, W, C) of the images, 8x8 at least; the first stride is 1 along a side below 16.
    forward: image (B, C, H, W) in [0, 1] to (B, D) with D = 8 * `latent_side(H)` *
    `latent_side(W)`: 32 at 28x28. The label is ignored.
    """

    def __init__(self, size: tuple[int, int, int]) -> None:
        super().__init__()
        height, width, channels = size
        self.latent_dim = 8 * latent_side(height) * latent_side(width)
        stride = (_stride(height), _stride(width))
        self.body = nn.Sequential(
            nn.Conv2d(channels, 16, 3, stride, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(16, 8, 3, 2, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, 1),
            nn.Flatten(),
        )

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        latent: Tensor = self.body(2 * image - 1)
        return latent


class ConvDecoder(nn.Module):
    """Transposed convolutions 8-16 (3x3, stride 2), 16-8 (5x5, stride 3, padding 1) and 8-C (2x2,
    stride 2, padding 1), ReLU between them.

    size: (H, W, C) of the images. Where the tutorial's layers would give too small an image, they
    get output padding, and the result is cropped; at 28x28 neither is needed.
    forward: latent (B, D) to logits (B, C, H, W), whose tanh is the image in [-1, 1].
    """

    def __init__(self, size: tuple[int, int, int]) -> None:
        super().__init__()
        height, width, channels = size
        self.sides, self.start = (height, width), (8, latent_side(height), latent_side(width))
        stride = (_stride(height), _stride(width))
        first, second, third = zip(_paddings(height), _paddings(width), strict=True)
        self.body = nn.Sequential(
            nn.ConvTranspose2d(8, 16, 3, 2, output_padding=first),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 5, stride, padding=1, output_padding=second),
            nn.ReLU(),
            nn.ConvTranspose2d(8, channels, 2, 2, padding=1, output_padding=third),
        )

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        maps: Tensor = self.body(latent.view(-1, *self.start))
        return maps[:, :, : self.sides[0], : self.sides[1]]

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images float32 (B, C, H, W) in [0, 1]."""
        return activate(self(latent), "tanh")


def latent_side(side: int) -> int:
    """Side of the latent's feature maps for images of `side` pixels: 28 -> 2, 8 -> 1, 64 -> 5."""
    pooled = ((side - 1) // _stride(side) + 1) // 2
    return (pooled - 1) // 2


def _stride(side: int) -> int:
    return 1 if side < SMALL else 3


def _paddings(side: int) -> tuple[int, int, int]:
    """The smallest output paddings with which the three layers reach `side`."""
    chosen = (0, 0, 0)
    first, second, third = 2, _stride(side), 2
    options = [(a, b, c) for a in range(first) for b in range(second) for c in range(third)]
    for chosen in sorted(options, key=lambda paddings: _grown(side, paddings)):
        if _grown(side, chosen) >= side:
            break
    return chosen


def _grown(side: int, paddings: tuple[int, int, int]) -> int:
    """The side that the three transposed convolutions give, with these output paddings."""
    first = 2 * (latent_side(side) - 1) + 3 + paddings[0]
    second = _stride(side) * (first - 1) - 2 + 5 + paddings[1]
    return 2 * (second - 1) - 2 + 2 + paddings[2]
