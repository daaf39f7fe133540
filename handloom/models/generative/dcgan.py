"""The classic tutorial's convolutional GAN, after Radford et al. 2016 (arXiv:1511.06434)."""

from itertools import pairwise

from torch import Tensor, nn

from handloom.errors import UserError
from handloom.models.generative.dense_gan import EMBEDDING, to_pixels, with_label
from handloom.models.layers.normalize import Normalize

LEAST = 8  # pixels a side
MAX_WIDTH = 256  # channels
SLOPE = 0.01  # of the leaky ReLU, below zero


class DCGANGenerator(nn.Module):
    """Two linear layers, then transposed convolutions of 4x4 that double the sides.

    ReLU, then batch norm, after every layer but the last; tanh at the end. At 28x28: 96-1024-6272,
    then 128-64 and 64-1 channels. Larger images take more doublings from at most 8x8 pixels. The
    channels halve with each doubling and never exceed 256; odd sides are cropped.

    size: (H, W, C); latent_dim: D; hidden: width of the first layer; width: channels before the
    last layer. classes: K of a conditional generator, whose input is the latent and an embedding of
    the label; 0: none. generate: latent (B, D), label (B,) to image (B, C, H, W) in [0, 1].
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent_dim: int = 96,
        hidden: int = 1024,
        width: int = 64,
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, across, channels = size
        self.sides = (height, across)
        stages = doublings(size)
        start = tuple(-(-side // 2**stages) for side in self.sides)
        widths = [min(MAX_WIDTH, width * 2**i) for i in reversed(range(stages))]
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        flat = widths[0] * start[0] * start[1]
        self.dense = nn.Sequential(
            nn.Linear(latent_dim + (EMBEDDING if classes else 0), hidden),
            nn.ReLU(inplace=True),
            nn.BatchNorm1d(hidden),
            nn.Linear(hidden, flat),
            nn.ReLU(inplace=True),
            nn.BatchNorm1d(flat),
            nn.Unflatten(1, (widths[0], *start)),
        )
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [
                nn.ConvTranspose2d(before, after, 4, 2, padding=1),
                nn.ReLU(inplace=True),
                nn.BatchNorm2d(after),
            ]
        layers += [nn.ConvTranspose2d(widths[-1], channels, 4, 2, padding=1)]
        self.body = nn.Sequential(*layers)

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images in [0, 1]."""
        raw = self.body(self.dense(with_label(latent, self.embedding, label)))
        return to_pixels(raw[:, :, : self.sides[0], : self.sides[1]])

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.generate(latent, label)


class DCGANDiscriminator(nn.Module):
    """Convolutions of 5x5 with leaky ReLU and 2x2 max pooling, two linear layers, no batch norm.

    At 28x28: 32 and 64 channels, 1024-1024-1. Larger images take more such stages, each with twice
    the channels. Below 20 pixels the convolutions are padded so that small images fit.

    size, classes: as above; width: channels of the first layer.
    forward: image (B, C, H, W) in [0, 1] and label (B,) to score (B,), any real number.
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        hidden: int = 1024,
        width: int = 32,
        classes: int = 0,
    ) -> None:
        super().__init__()
        *sides, before = size
        padding = 0 if min(sides) >= 20 else 2
        self.normalize = Normalize(before)
        layers: list[nn.Module] = []
        stage = 0
        while stage < 2 or min(sides) >= 9:
            after = min(MAX_WIDTH, width * 2**stage)
            layers += [
                nn.Conv2d(before, after, 5, padding=padding),
                # The tutorial pools after the leaky ReLU: the same result for four times the work.
                nn.MaxPool2d(2),
                nn.LeakyReLU(SLOPE),
            ]
            sides = [(side - 4 + 2 * padding) // 2 for side in sides]
            before, stage = after, stage + 1
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        flat = before * sides[0] * sides[1] + (EMBEDDING if classes else 0)
        self.head = nn.Sequential(
            nn.Linear(flat, hidden), nn.LeakyReLU(SLOPE), nn.Linear(hidden, 1)
        )

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        flat = self.body(self.normalize(image))
        score: Tensor = self.head(with_label(flat, self.embedding, label)).squeeze(1)
        return score


def doublings(size: tuple[int, int, int]) -> int:
    """How often the smaller side is halved to reach at most 8 pixels; at least twice.

    Raises UserError below 8 pixels.
    """
    side = min(size[:2])
    if side < LEAST:
        raise UserError(
            f"the images are {size[1]}x{size[0]}, but dcgan and resnet need at least "
            f"{LEAST}x{LEAST}: give --size {LEAST} or more, or --network dense"
        )
    stages = 2
    while side > 8 * 2**stages:
        stages += 1
    return stages
