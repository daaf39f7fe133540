"""The modern default: a small residual pair with a spectrally normalised critic.

After Miyato et al. 2018 (SNGAN, arXiv:1802.05957) and Miyato and Koyama 2018 (projection critic,
arXiv:1802.05637). Differences: sides are doubled by transposed convolutions and halved by strided
ones, whose 4x4 kernels cost less than half of a 3x3 one at the larger side; no large linear layer.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from handloom.nn.dcgan import doublings
from handloom.nn.dense_pair import EMBEDDING, joined, pixels
from handloom.nn.normalize import Normalize
from handloom.nn.spectral import Spectral


class ResNetGenerator(nn.Module):
    """A linear layer to at most 8x8, then residual blocks that double the sides.

    size: (H, W, C); latent: D; width: channels at full size, doubled towards the small end up to
    `most`. classes: K of a conditional generator, which takes an embedding of the label beside the
    latent; 0 for none. draw: latent (B, D), label (B,) to image (B, C, H, W) in [0, 1].
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent: int = 128,
        width: int = 32,
        classes: int = 0,
        most: int = 256,
    ) -> None:
        super().__init__()
        height, across, channels = size
        self.sides = (height, across)
        stages = doublings(size)
        self.start = tuple(-(-side // 2**stages) for side in self.sides)
        widths = [min(most, width * 2**i) for i in reversed(range(stages + 1))]
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        flat = widths[0] * self.start[0] * self.start[1]
        self.dense = nn.Linear(latent + (EMBEDDING if classes else 0), flat)
        self.body = nn.Sequential(
            *[Up(before, after) for before, after in pairwise(widths)],
            nn.BatchNorm2d(widths[-1]),
            nn.ReLU(inplace=True),
            nn.Conv2d(widths[-1], channels, 3, padding=1),
        )

    def draw(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Pictures in [0, 1]."""
        flat = self.dense(joined(latent, self.embedding, label))
        # Seen as channels-last, so that no copy is needed before the first convolution.
        coarse = flat.view(len(flat), *self.start, -1).permute(0, 3, 1, 2)
        raw = self.body(coarse)
        return pixels(raw[:, :, : self.sides[0], : self.sides[1]])

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.draw(latent, label)


class ResNetCritic(nn.Module):
    """Residual blocks that halve the sides to at most 8x8, two more there, a sum over places.

    Every layer is spectrally normalised, none has batch norm. size, classes: as above; width:
    channels after the first block, doubled with every further one up to `most`. With classes the
    score has a second term, the product of the features and an embedding of the label.
    forward: image (B, C, H, W) in [0, 1] and label (B,) to score (B,), any real number.
    """

    def __init__(
        self, size: tuple[int, int, int], width: int = 32, classes: int = 0, most: int = 256
    ) -> None:
        super().__init__()
        channels = size[2]
        stages = doublings(size)
        widths = [min(most, width * 2**i) for i in range(stages)]
        self.normalize = Normalize(channels)
        self.body = nn.Sequential(
            Spectral(nn.Conv2d(channels, width, 3, padding=1)),
            *[Down(b, a) for b, a in zip((width, *widths), widths, strict=False)],
            Same(widths[-1]),
            Same(widths[-1]),
            nn.LeakyReLU(0.2),
        )
        self.head = Spectral(nn.Linear(widths[-1], 1))
        self.embedding = Spectral(nn.Linear(classes, widths[-1], bias=False)) if classes else None
        self.classes = classes

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        features = self.body(self.normalize(image)).sum((2, 3))  # (B, F)
        score: Tensor = self.head(features).squeeze(1)
        if self.embedding is None:
            return score
        if label is None:
            raise ValueError("a conditional network needs the label of every picture")
        wanted = self.embedding(F.one_hot(label, self.classes).to(features.dtype))
        projected: Tensor = score + (wanted * features).sum(1)
        return projected


class Up(nn.Module):
    """Twice the sides: batch norm, ReLU, transposed 4x4; again, 3x3; beside a 1x1 shortcut."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.BatchNorm2d(before),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(before, after, 4, 2, padding=1),
        )
        self.shortcut = nn.Conv2d(before, after, 1)

    def forward(self, features: Tensor) -> Tensor:
        beside = F.interpolate(self.shortcut(features), scale_factor=2.0)
        doubled: Tensor = self.first(features) + beside
        return doubled


class Down(nn.Module):
    """Half the sides: leaky ReLU, strided 4x4; beside a mean and a 1x1 shortcut."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.LeakyReLU(0.2), Spectral(nn.Conv2d(before, after, 4, 2, padding=1))
        )
        self.shortcut = Spectral(nn.Conv2d(before, after, 1))

    def forward(self, features: Tensor) -> Tensor:
        beside = self.shortcut(F.avg_pool2d(features, 2))
        halved: Tensor = self.body(features) + beside
        return halved


class Same(nn.Module):
    """Leaky ReLU and 3x3 convolution, twice, beside the features themselves."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.LeakyReLU(0.2),
            Spectral(nn.Conv2d(width, width, 3, padding=1)),
            nn.LeakyReLU(0.2),
            Spectral(nn.Conv2d(width, width, 3, padding=1)),
        )

    def forward(self, features: Tensor) -> Tensor:
        changed: Tensor = features + self.body(features)
        return changed
