"""The classic tutorial's dense generator and critic (Goodfellow et al. 2014, arXiv:1406.2661)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from handloom.models.layers.normalize import Normalize

EMBEDDING = 32  # numbers that stand for a class, beside the latent or the image


class DenseGenerator(nn.Module):
    """Linear layers with ReLU between, tanh at the end.

    size: (H, W, C) of the images; latent: D; hidden: widths between. classes: K of a conditional
    generator, which takes an embedding of the label beside the latent; 0 for none.
    draw: latent (B, D) and label int64 (B,) to image (B, C, H, W) in [0, 1].
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent: int = 96,
        hidden: Sequence[int] = (1024, 1024),
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.shape = (channels, height, width)
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        first = latent + (EMBEDDING if classes else 0)
        layers: list[nn.Module] = []
        for before, after in zip((first, *hidden), hidden, strict=False):
            layers += [nn.Linear(before, after), nn.ReLU(inplace=True)]
        self.body = nn.Sequential(*layers, nn.Linear(hidden[-1], height * width * channels))

    def draw(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images in [0, 1]."""
        flat = self.body(joined(latent, self.embedding, label))
        image: Tensor = pixels(flat.view(-1, *self.shape))
        return image

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.draw(latent, label)


class DenseCritic(nn.Module):
    """Linear layers with leaky ReLU between, one score at the end, no batch norm.

    size, classes: as above; slope: of the leaky ReLU.
    forward: image (B, C, H, W) in [0, 1] and label (B,) to score (B,), any real number.
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        hidden: Sequence[int] = (256, 256),
        slope: float = 0.2,
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.normalize = Normalize(channels)
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        first = height * width * channels + (EMBEDDING if classes else 0)
        layers: list[nn.Module] = []
        for before, after in zip((first, *hidden), hidden, strict=False):
            layers += [nn.Linear(before, after), nn.LeakyReLU(slope)]
        self.body = nn.Sequential(*layers, nn.Linear(hidden[-1], 1))

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        flat = self.normalize(image).flatten(1)
        score: Tensor = self.body(joined(flat, self.embedding, label)).squeeze(1)
        return score


def joined(features: Tensor, embedding: nn.Embedding | None, label: Tensor | None) -> Tensor:
    """Features (B, F) with the embedding of the label beside them, where there is one."""
    if embedding is None:
        return features
    if label is None:
        raise ValueError("a conditional network needs the label of every image")
    return torch.cat([features, embedding(label).to(features.dtype)], 1)


def pixels(raw: Tensor) -> Tensor:
    """(tanh + 1) / 2 in float32: from any real number to [0, 1]."""
    return torch.tanh(raw.float()).add(1).mul(0.5)
