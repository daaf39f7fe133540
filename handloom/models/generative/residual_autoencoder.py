"""The default encoder and decoder: small residual convolutions, 8x8 to 256x256, grey or colour."""

import itertools
import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.generative.dense_autoencoder import (
    OutputActivation,
    activate,
    logits_of_image,
)
from handloom.models.layers.linear_stack import rows_of


class ResidualEncoder(nn.Module):
    """Stages that halve the image until its shorter side is 7 pixels or less, then a linear
    layer.

    size: (H, W, C) of the images; latent_dim: D; width: channels of the first stage, doubled in
    each of the next two; depth: residual blocks per stage; hidden: width of a linear layer between
    the feature maps and the latent, 0 for none: it helps a narrow bottleneck (3 dimensions on
    MNIST: 84.6 squared error instead of 89.2); variational, classes: as in `DenseEncoder`, but the
    embedding of the label is added to the first feature maps.
    forward: image (B, C, H, W) in [0, 1], label int64 (B,) or None, to (B, D) or (B, 2 D).

    There is no normalization layer. A block starts as the identity, since its last convolution is
    initialized to zero, as in Zhang et al. 2019 (arXiv:1901.09321) and the VAE of Child 2021
    (arXiv:2011.10650).
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent_dim: int,
        width: int = 32,
        depth: int = 1,
        variational: bool = False,
        classes: int = 0,
        hidden: int = 0,
    ) -> None:
        super().__init__()
        shapes = _shapes(size, width)
        self.latent_dim = latent_dim
        self.stem = nn.Conv2d(size[2], shapes[0][0], 3, 2, padding=1)
        self.label = nn.Embedding(classes, shapes[0][0]) if classes else None
        self.stages = nn.Sequential(*_blocks(shapes[0][0], depth))
        for before, after in itertools.pairwise(shapes):
            self.stages.append(nn.Conv2d(before[0], after[0], 3, 2, padding=1))
            self.stages.extend(_blocks(after[0], depth))
        outputs = 2 * latent_dim if variational else latent_dim
        self.head = _linear([math.prod(shapes[-1]), *[hidden] * (hidden > 0), outputs])

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        maps = self.stem(2 * image - 1)
        if self.label is not None:
            maps = maps + rows_of(self.label, label)[:, :, None, None]
        output: Tensor = self.head(F.relu(self.stages(maps)).flatten(1))
        return output


class ResidualDecoder(nn.Module):
    """A linear layer, residual blocks, and sub-pixel convolutions (Shi et al. 2016,
    arXiv:1609.05158) that double the sides; the result is cropped to the exact size.

    Arguments as in `ResidualEncoder`, but with two layers of `hidden`; output_activation, variance:
    as in `DenseDecoder`.
    forward: latent (B, D), label (B,) or None, to logits (B, C, H, W).
    """

    variance: Tensor | None

    def __init__(
        self,
        size: tuple[int, int, int],
        latent_dim: int,
        width: int = 32,
        depth: int = 1,
        output_activation: OutputActivation = "tanh",
        variance: float | None = None,
        classes: int = 0,
        hidden: int = 0,
    ) -> None:
        super().__init__()
        shapes = _shapes(size, width)[::-1]
        self.start, self.output_activation = shapes[0], output_activation
        self.first = _linear([latent_dim, *[hidden] * (2 * (hidden > 0)), math.prod(shapes[0])])
        self.label = nn.Embedding(classes, math.prod(shapes[0])) if classes else None
        self.stages = nn.Sequential(*_blocks(shapes[0][0], depth))
        for before, after in itertools.pairwise(shapes):
            self.stages.append(Double(before[0], after, 1))
            self.stages.extend(_blocks(after[0], depth))
        self.head = Double(shapes[-1][0], (size[2], size[0], size[1]), 3)
        start = None if variance is None else torch.tensor(variance)
        self.register_buffer("variance", start)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        first = self.first(latent)
        if self.label is not None:
            first = first + rows_of(self.label, label)
        # Channels last, the memory format of the convolutions.
        channels, height, width = self.start
        maps = first.view(-1, height, width, channels).permute(0, 3, 1, 2)
        logits: Tensor = self.head(F.relu(self.stages(maps)))
        return logits

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images float32 (B, C, H, W) in [0, 1]."""
        return activate(self(latent, label), self.output_activation)

    @torch.no_grad()
    def start_at(self, image: Tensor) -> None:
        """Set the last bias so that the untrained network outputs the mean colour of `image`
        (C, H, W)."""
        bias = self.head.convolution.bias
        assert bias is not None
        logits = logits_of_image(image.mean((1, 2)), self.output_activation)
        bias.copy_(logits.repeat_interleave(len(bias) // len(logits)))


class Block(nn.Module):
    """maps + convolution(relu(convolution(relu(maps)))), 3x3, with half the channels in between.

    (B, C, H, W) to the same shape; the identity before training.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(channels, channels // 2, 3, padding=1)
        self.outer = nn.Conv2d(channels // 2, channels, 3, padding=1)
        for parameter in self.outer.parameters():
            nn.init.zeros_(parameter)

    def forward(self, maps: Tensor) -> Tensor:
        summed: Tensor = maps + self.outer(F.relu(self.inner(F.relu(maps))))
        return summed


class Double(nn.Module):
    """A convolution and a pixel shuffle that doubles the sides, cropped to `shape` (C, H, W)."""

    def __init__(self, before: int, shape: tuple[int, int, int], kernel: int) -> None:
        super().__init__()
        channels, self.height, self.width = shape
        self.convolution = nn.Conv2d(before, 4 * channels, kernel, padding=kernel // 2)

    def forward(self, maps: Tensor) -> Tensor:
        doubled = F.pixel_shuffle(self.convolution(maps), 2)
        return doubled[:, :, : self.height, : self.width]


def _shapes(size: tuple[int, int, int], width: int) -> list[tuple[int, int, int]]:
    """(C, H, W) after every halving: 28x28 with width 32 is (32, 14, 14), (64, 7, 7)."""
    height, columns, _ = size
    shapes: list[tuple[int, int, int]] = []
    while not shapes or min(height, columns) > 7:
        height, columns = (height + 1) // 2, (columns + 1) // 2
        shapes.append((width * min(4, 2 ** len(shapes)), height, columns))
    return shapes


def _blocks(channels: int, depth: int) -> list[nn.Module]:
    return [Block(channels) for _ in range(depth)]


def _linear(widths: list[int]) -> nn.Module:
    """Linear layers with ReLU between them; one layer is returned by itself."""
    layers = [nn.Linear(before, after) for before, after in itertools.pairwise(widths)]
    if len(layers) == 1:
        return layers[0]
    return nn.Sequential(*[m for layer in layers for m in (layer, nn.ReLU())][:-1])
