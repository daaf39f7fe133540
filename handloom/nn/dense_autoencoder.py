"""Fully connected encoder and decoder: 784-128-64-12-3 and back, or 784-400-20 of a VAE."""

import itertools
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from handloom.nn.normalize import Normalize


class DenseEncoder(nn.Module):
    """Linear layers on the flattened picture, an activation after each but the last.

    size: (H, W, C) of the pictures, any; latent: D; hidden: the widths between; variational: the
    answer has D means and then D log variances; classes: K of a conditional network, whose label
    joins the pixels as K more inputs, one of them 1.
    forward: image (B, C, H, W) in [0, 1], label int64 (B,) or None, to (B, D) or (B, 2 D).
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent: int,
        hidden: Sequence[int] = (128, 64, 12),
        activation: Literal["relu", "silu"] = "relu",
        variational: bool = False,
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.latent = latent
        self.normalize = Normalize(channels)
        self.first = nn.Linear(height * width * channels, hidden[0])
        self.label = nn.Embedding(classes, hidden[0]) if classes else None
        answer = 2 * latent if variational else latent
        self.rest = _layers((*hidden, answer), activation)

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        first = self.first(self.normalize(image).flatten(1))
        found: Tensor = self.rest(_conditioned(first, self.label, label))
        return found

    def code(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        """The one best code of every picture, float32 (B, D)."""
        found: Tensor = self(image, label)
        return found[:, : self.latent].float()


class DenseDecoder(nn.Module):
    """The way back: linear layers from a latent to every pixel.

    hidden: the widths between, in the order of the encoder; squash: what makes a pixel of the
    answer (see `squashed`); variance: of a pixel around its mean, to begin with, where the
    likelihood is Gaussian; the rest as in `DenseEncoder`.
    forward: latent (B, D), label (B,) or None, to logits (B, C, H, W).
    """

    variance: Tensor | None

    def __init__(
        self,
        size: tuple[int, int, int],
        latent: int,
        hidden: Sequence[int] = (128, 64, 12),
        activation: Literal["relu", "silu"] = "relu",
        squash: Literal["tanh", "sigmoid"] = "tanh",
        variance: float | None = None,
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.size, self.squash = (channels, height, width), squash
        widths = (*reversed(hidden), height * width * channels)
        self.first = nn.Linear(latent, widths[0])
        self.label = nn.Embedding(classes, widths[0]) if classes else None
        self.rest = _layers(widths, activation)
        start = None if variance is None else torch.tensor(variance)
        self.register_buffer("variance", start)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        logits: Tensor = self.rest(_conditioned(self.first(latent), self.label, label))
        return logits.view(-1, *self.size)

    def draw(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Pictures float32 (B, C, H, W) in [0, 1]."""
        return squashed(self(latent, label), self.squash)


def squashed(logits: Tensor, squash: Literal["tanh", "sigmoid"]) -> Tensor:
    """Logits to [0, 1]: by `sigmoid`, or as (tanh + 1) / 2, which is sigmoid(2 logits)."""
    logits = logits.float()
    return torch.sigmoid(logits if squash == "sigmoid" else 2 * logits)


def _layers(widths: Sequence[int], activation: Literal["relu", "silu"]) -> nn.Sequential:
    """Activation, linear, activation, linear, ..."""
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers += [ACTIVATIONS[activation](), nn.Linear(before, after)]
    return nn.Sequential(*layers)


def _conditioned(first: Tensor, table: nn.Embedding | None, label: Tensor | None) -> Tensor:
    """One input more for every class, of which one is 1, is a row added to the first layer."""
    if table is None:
        return first
    if label is None:
        raise ValueError("the network is conditional: a label is needed for every picture")
    joined: Tensor = first + table(label)
    return joined


ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "silu": nn.SiLU}
