"""The classic tutorial's dense generator and discriminator, after Goodfellow et al. 2014
(arXiv:1406.2661)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from handloom.models.layers.linear_stack import rows_of
from handloom.models.layers.normalize import Normalize

SLOPE = 0.2  # of the leaky ReLU, below zero
EMBEDDING = 32  # dimensions of a class embedding


class DenseGenerator(nn.Module):
    """Linear layers with ReLU between them, tanh at the end.

    size: (H, W, C) of the images; latent_dim: D; hidden: widths of the hidden layers. classes: K
    of a conditional generator, whose input is the latent and an embedding of the label; 0: none.
    generate: latent (B, D) and label int64 (B,) to image (B, C, H, W) in [0, 1].
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent_dim: int = 96,
        hidden: Sequence[int] = (1024, 1024),
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.shape = (channels, height, width)
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        first = latent_dim + (EMBEDDING if classes else 0)
        layers: list[nn.Module] = []
        for before, after in zip((first, *hidden), hidden, strict=False):
            layers += [nn.Linear(before, after), nn.ReLU(inplace=True)]
        self.body = nn.Sequential(*layers, nn.Linear(hidden[-1], height * width * channels))

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images in [0, 1]."""
        flat = self.body(with_label(latent, self.embedding, label))
        image: Tensor = to_pixels(flat.view(-1, *self.shape))
        return image

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        return self.generate(latent, label)


class DenseDiscriminator(nn.Module):
    """Linear layers with leaky ReLU between them and one score at the end; no batch norm.

    size, classes: as above.
    forward: image (B, C, H, W) in [0, 1] and label (B,) to score (B,), any real number.
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        hidden: Sequence[int] = (256, 256),
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.normalize = Normalize(channels)
        self.embedding = nn.Embedding(classes, EMBEDDING) if classes else None
        first = height * width * channels + (EMBEDDING if classes else 0)
        layers: list[nn.Module] = []
        for before, after in zip((first, *hidden), hidden, strict=False):
            layers += [nn.Linear(before, after), nn.LeakyReLU(SLOPE)]
        self.body = nn.Sequential(*layers, nn.Linear(hidden[-1], 1))

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        flat = self.normalize(image).flatten(1)
        score: Tensor = self.body(with_label(flat, self.embedding, label)).squeeze(1)
        return score


def with_label(features: Tensor, embedding: nn.Embedding | None, label: Tensor | None) -> Tensor:
    """Features (B, F), concatenated with the embedding of the label if the network has one."""
    if embedding is None:
        return features
    return torch.cat([features, rows_of(embedding, label).to(features.dtype)], 1)


def to_pixels(raw: Tensor) -> Tensor:
    """(tanh(raw) + 1) / 2 in float32: any real number to [0, 1]."""
    return torch.tanh(raw.float()).add(1).mul(0.5)
