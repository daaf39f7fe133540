"""Fully connected encoder and decoder: 784-128-64-12-3 and back, or 784-400-20 of a VAE."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from handloom.models.kernels.linear_stack import Stack


class DenseEncoder(nn.Module):
    """Linear layers on the flattened image, brought to [-1, 1] first.

    size: (H, W, C) of the images, any; latent: D; hidden: the widths between; variational: the
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
        answer = 2 * latent if variational else latent
        widths = (height * width * channels, *hidden, answer)
        self.stack = Stack(widths, activation, classes)

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        found: Tensor = self.stack((2 * image - 1).flatten(1), label)
        return found

    def code(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        """The one best code of every image, float32 (B, D)."""
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
        widths = (latent, *reversed(hidden), height * width * channels)
        self.stack = Stack(widths, activation, classes)
        start = None if variance is None else torch.tensor(variance)
        self.register_buffer("variance", start)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        logits: Tensor = self.stack(latent, label)
        return logits.view(-1, *self.size)

    def draw(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images float32 (B, C, H, W) in [0, 1]."""
        return squashed(self(latent, label), self.squash)

    @torch.no_grad()
    def begin_at(self, image: Tensor) -> None:
        """Draw about `image` (C, H, W), before any training; see `unsquashed`."""
        last = self.stack.layers[-1]
        assert isinstance(last, nn.Linear)
        last.bias.copy_(unsquashed(image, self.squash).flatten())


def unsquashed(image: Tensor, squash: Literal["tanh", "sigmoid"]) -> Tensor:
    """The logits that `squashed` makes `image` of, pixels brought within [0.02, 0.98].

    A network that begins at the mean image need not find it. One that begins at grey may drive
    all pixels of dark images into black, where tanh has no slope and nothing is learned any more
    (the default autoencoder on MNIST: 357 squared error an image for ever).
    """
    logits = torch.logit(image.clamp(0.02, 0.98))
    return logits if squash == "sigmoid" else logits / 2


def squashed(logits: Tensor, squash: Literal["tanh", "sigmoid"]) -> Tensor:
    """Logits to [0, 1]: by `sigmoid`, or as (tanh + 1) / 2, which is sigmoid(2 logits)."""
    logits = logits.float()
    return torch.sigmoid(logits if squash == "sigmoid" else 2 * logits)
