"""The modern default: a small residual pair with a spectrally normalised critic.

After Miyato et al. 2018 (SNGAN, arXiv:1802.05957) and Miyato and Koyama 2018 (projection critic,
arXiv:1802.05637). Differences: sides are doubled by transposed convolutions and halved by strided
ones, whose 4x4 kernels cost less than half of a 3x3 one at the larger side; no large linear layer.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.generative.dcgan import doublings
from handloom.models.generative.dense_pair import EMBEDDING, joined, pixels
from handloom.models.layers.normalize import Normalize
from handloom.models.layers.spectral_norm import Spectral


class ResNetGenerator(nn.Module):
    """A linear layer to at most 8x8, then residual blocks that double the sides.

    The last doubling is one transposed convolution to few channels, and a 3x3 convolution makes
    pixels of them: a block at full size took a quarter of a step at 28x28, this a fourteenth.
    Straight to the pixels, flat areas of garments have a grain (FID 2.7; 2.2 with 16 channels).

    size: (H, W, C); latent: D; width: channels at half the size, doubled towards the small end up
    to `most`; full: channels at full size, 0: straight to the pixels. classes: K of a conditional
    generator, which takes an embedding of the label beside the latent; 0 for none.
    draw: latent (B, D), label (B,) to image (B, C, H, W) in [0, 1].
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent: int = 128,
        width: int = 64,
        classes: int = 0,
        most: int = 256,
        full: int = 0,
    ) -> None:
        super().__init__()
        height, across, channels = size
        self.sides = (height, across)
        stages = doublings(size)
        self.start = tuple(-(-side // 2**stages) for side in self.sides)
        widths = [min(most, width * 2**i) for i in reversed(range(stages))]
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        flat = widths[0] * self.start[0] * self.start[1]
        self.dense = nn.Linear(latent + (EMBEDDING if classes else 0), flat)
        self.body = nn.Sequential(
            *[Up(before, after) for before, after in pairwise(widths)],
            nn.BatchNorm2d(widths[-1]),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(widths[-1], full or channels, 4, 2, padding=1),
        )
        if full:
            self.body.append(nn.LeakyReLU(0.2, inplace=True))
            self.body.append(nn.Conv2d(full, channels, 3, padding=1))

    def draw(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images in [0, 1]."""
        flat = self.dense(joined(latent, self.embedding, label))
        # Seen as channels-last, so that no copy is needed before the first convolution.
        coarse = flat.view(len(flat), *self.start, -1).permute(0, 3, 1, 2)
        raw = self.body(coarse)
        return pixels(raw[:, :, : self.sides[0], : self.sides[1]])

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.draw(latent, label)


class ResNetCritic(nn.Module):
    """Residual blocks that halve the sides down to at most 4, and a linear layer.

    Every layer is spectrally normalised, none has batch norm. How much four images of the batch
    differ is one feature map more (minibatch standard deviation, Karras et al. 2018,
    arXiv:1710.10196, section 3), so that a generator that draws one thing is told from the data.

    size, classes: as above; width: channels after the first block, doubled with every further one
    up to `most`. With classes the score has a second term, the product of the features and an
    embedding of the label. forward: image (B, C, H, W) in [0, 1] and label (B,) to score (B,), any
    real number.
    """

    def __init__(
        self, size: tuple[int, int, int], width: int = 48, classes: int = 0, most: int = 256
    ) -> None:
        super().__init__()
        *sides, channels = size
        widths = [width, min(most, 2 * width)]
        while min(sides) >> len(widths) > 4:
            widths.append(min(most, 2 * widths[-1]))
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
        score: Tensor = self.head(torch.cat([features, difference(maps)], 1)).squeeze(1)
        if self.embedding is None:
            return score
        if label is None:
            raise ValueError("a conditional network needs the label of every image")
        wanted = F.embedding(label, self.embedding.weight().T)  # (B, F)
        projected: Tensor = score + (wanted * features).sum(1)
        return projected


def difference(maps: Tensor, group: int = 4) -> Tensor:
    """Mean standard deviation of features (B, C, H, W) over groups of the batch, (B, H * W)."""
    batch, _, height, width = maps.shape
    size = group if batch % group == 0 else batch
    grouped = maps.float().reshape(size, batch // size, *maps.shape[1:])
    away = grouped - grouped.mean(0, keepdim=True)  # not var(0), which is six times as slow
    spread = away.square().mean(0).add(1e-8).sqrt().mean((1, 2, 3))  # (B / size,)
    found = spread.repeat(size).unsqueeze(1).expand(batch, height * width)
    return found.to(maps.dtype)


class Up(nn.Module):
    """Twice the sides: batch norm, ReLU, transposed 4x4, batch norm, ReLU, 3x3; beside a 1x1
    shortcut, repeated."""

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
        beside = F.interpolate(self.shortcut(features), scale_factor=2.0)
        doubled: Tensor = self.body(features) + beside
        return doubled


class Down(nn.Module):
    """Half the sides: leaky ReLU, strided 4x4; beside a mean and a 1x1 shortcut.

    first: of the image itself, which goes in as it is.
    """

    def __init__(self, before: int, after: int, first: bool = False) -> None:
        super().__init__()
        self.activation = nn.Identity() if first else nn.LeakyReLU(0.2)
        self.strided = Spectral(nn.Conv2d(before, after, 4, 2, padding=1))
        self.shortcut = Spectral(nn.Conv2d(before, after, 1))

    def forward(self, features: Tensor) -> Tensor:
        beside = self.shortcut(F.avg_pool2d(features, 2))
        halved: Tensor = self.strided(self.activation(features)) + beside
        return halved
