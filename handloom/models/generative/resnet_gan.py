"""The default: a small residual GAN with a spectrally normalized discriminator.

After Miyato et al. 2018 (SNGAN, arXiv:1802.05957) and Miyato and Koyama 2018 (projection
discriminator, arXiv:1802.05637). Differences: transposed convolutions double the sides and strided
ones halve them, since their 4x4 kernels cost less than half of a 3x3 one at the larger side; there
is no large linear layer.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.generative.dcgan import MAX_WIDTH, doublings
from handloom.models.generative.dense_gan import EMBEDDING, to_pixels, with_label
from handloom.models.layers.normalize import Normalize
from handloom.models.layers.spectral_norm import Spectral

GROUP = 4  # images whose variety the discriminator sees together


class ResNetGenerator(nn.Module):
    """A linear layer to at most 8x8 pixels, then residual blocks that double the sides.

    The last doubling is one transposed convolution to few channels, followed by a 3x3 convolution
    to pixels. At 28x28 it takes a fourteenth of a step, where a residual block took a quarter.
    Without the 3x3 convolution, flat areas of garments show a grain (Frechet distance 2.7 instead
    of 2.2 with 16 channels).

    size: (H, W, C); latent_dim: D; width: channels at half the size, doubled with every halving up
    to 256; full_width: channels at full size, 0: no 3x3 convolution. classes: K of a
    conditional generator, whose input is the latent and an embedding of the label; 0: none.
    generate: latent (B, D), label (B,) to image (B, C, H, W) in [0, 1].
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent_dim: int = 128,
        width: int = 64,
        classes: int = 0,
        full_width: int = 0,
    ) -> None:
        super().__init__()
        height, across, channels = size
        self.sides = (height, across)
        stages = doublings(size)
        self.start = tuple(-(-side // 2**stages) for side in self.sides)
        widths = [min(MAX_WIDTH, width * 2**i) for i in reversed(range(stages))]
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        flat = widths[0] * self.start[0] * self.start[1]
        self.dense = nn.Linear(latent_dim + (EMBEDDING if classes else 0), flat)
        self.body = nn.Sequential(
            *[Up(before, after) for before, after in pairwise(widths)],
            nn.BatchNorm2d(widths[-1]),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(widths[-1], full_width or channels, 4, 2, padding=1),
        )
        if full_width:
            self.body.append(nn.LeakyReLU(0.2, inplace=True))
            self.body.append(nn.Conv2d(full_width, channels, 3, padding=1))

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images in [0, 1]."""
        flat = self.dense(with_label(latent, self.embedding, label))
        # A channels-last view, so that the first convolution needs no copy.
        coarse = flat.unflatten(1, (*self.start, -1)).permute(0, 3, 1, 2)
        raw = self.body(coarse)
        return to_pixels(raw[:, :, : self.sides[0], : self.sides[1]])

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.generate(latent, label)


class ResNetDiscriminator(nn.Module):
    """Residual blocks that halve the sides down to at most 4, and a linear layer.

    Every layer is spectrally normalized; none has batch norm. One more feature map holds the
    standard deviation over groups of four images (minibatch standard deviation, Karras et al. 2018,
    arXiv:1710.10196, section 3), so that a generator with too little variety is detected.

    size, classes: as above; width: channels after the first block, doubled with every further one
    up to 256. With classes the score has a second term, the inner product of the features
    and an embedding of the label. forward: image (B, C, H, W) in [0, 1] and label (B,) to score
    (B,), any real number.
    """

    def __init__(self, size: tuple[int, int, int], width: int = 48, classes: int = 0) -> None:
        super().__init__()
        *sides, channels = size
        widths = [width, min(MAX_WIDTH, 2 * width)]
        while min(sides) >> len(widths) > 4:
            widths.append(min(MAX_WIDTH, 2 * widths[-1]))
        self.normalize = Normalize(channels)
        self.body = nn.Sequential(
            Down(channels, width, first=True),
            *[Down(before, after) for before, after in pairwise(widths)],
            nn.LeakyReLU(0.2),
        )
        places = (sides[0] >> len(widths)) * (sides[1] >> len(widths))
        flat = widths[-1] * places
        self.head = Spectral(nn.Linear(flat + places, 1))
        self.embedding = Spectral(nn.Linear(classes, flat, bias=False)) if classes else None

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        maps = self.body(self.normalize(image))
        features = maps.flatten(1)  # (B, F)
        score: Tensor = self.head(torch.cat([features, batch_deviation(maps)], 1)).squeeze(1)
        if self.embedding is None:
            return score
        if label is None:
            raise ValueError("a conditional network needs the label of every image")
        embedded = F.embedding(label, self.embedding.weight().T)  # (B, F)
        projected: Tensor = score + (embedded * features).sum(1)
        return projected


def batch_deviation(maps: Tensor) -> Tensor:
    """Mean standard deviation of features (B, C, H, W) over groups of four images, or of the whole
    batch where four do not divide it, (B, H * W)."""
    batch, _, height, width = maps.shape
    size = GROUP if batch % GROUP == 0 else batch
    grouped = maps.float().reshape(size, batch // size, *maps.shape[1:])
    centred = grouped - grouped.mean(0, keepdim=True)  # var(0) is six times as slow
    deviation = centred.square().mean(0).add(1e-8).sqrt().mean((1, 2, 3))  # (B / size,)
    spread = deviation.repeat(size).unsqueeze(1).expand(batch, height * width)
    return spread.to(maps.dtype)


class Up(nn.Module):
    """Doubles the sides: batch norm, ReLU, transposed 4x4, batch norm, ReLU, 3x3, added to an
    upsampled 1x1 shortcut."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(before),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(before, after, 4, 2, padding=1),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
            nn.Conv2d(after, after, 3, padding=1),
        )
        self.shortcut = nn.Conv2d(before, after, 1)

    def forward(self, features: Tensor) -> Tensor:
        shortcut = F.interpolate(self.shortcut(features), scale_factor=2.0)
        doubled: Tensor = self.body(features) + shortcut
        return doubled


class Down(nn.Module):
    """Halves the sides: leaky ReLU and strided 4x4, added to an average pool and 1x1 shortcut.

    first: the input is the image, to which no activation is applied.
    """

    def __init__(self, before: int, after: int, first: bool = False) -> None:
        super().__init__()
        self.activation = nn.Identity() if first else nn.LeakyReLU(0.2)
        self.strided = Spectral(nn.Conv2d(before, after, 4, 2, padding=1))
        self.shortcut = Spectral(nn.Conv2d(before, after, 1))

    def forward(self, features: Tensor) -> Tensor:
        shortcut = self.shortcut(F.avg_pool2d(features, 2))
        halved: Tensor = self.strided(self.activation(features)) + shortcut
        return halved
