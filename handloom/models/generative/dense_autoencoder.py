"""Fully connected encoder and decoder: 784-128-64-12-3 and back, or 784-400-20 for a VAE."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from handloom.models.layers.linear_stack import Stack

OutputActivation = Literal["tanh", "sigmoid"]


class DenseEncoder(nn.Module):
    """Linear layers on the flattened image, which is first scaled to [-1, 1].

    size: (H, W, C) of the images, any; latent_dim: D; hidden: the widths of the hidden layers;
    variational: the output holds D means, then D log variances; classes: K of a conditional
    network, which takes the one-hot label as K more inputs.
    forward: image (B, C, H, W) in [0, 1], label int64 (B,) or None, to (B, D) or (B, 2 D).
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        latent_dim: int,
        hidden: Sequence[int] = (128, 64, 12),
        activation: Literal["relu", "silu"] = "relu",
        variational: bool = False,
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.latent_dim = latent_dim
        outputs = 2 * latent_dim if variational else latent_dim
        widths = (height * width * channels, *hidden, outputs)
        self.stack = Stack(widths, activation, classes)

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        output: Tensor = self.stack((2 * image - 1).flatten(1), label)
        return output


class DenseDecoder(nn.Module):
    """Linear layers from a latent to every pixel.

    hidden: the widths of the hidden layers in the order of the encoder; output_activation: see
    `activate`; variance: initial variance of a pixel around its mean, for a Gaussian likelihood;
    the rest as in `DenseEncoder`.
    forward: latent (B, D), label (B,) or None, to logits (B, C, H, W).
    """

    variance: Tensor | None

    def __init__(
        self,
        size: tuple[int, int, int],
        latent_dim: int,
        hidden: Sequence[int] = (128, 64, 12),
        activation: Literal["relu", "silu"] = "relu",
        output_activation: OutputActivation = "tanh",
        variance: float | None = None,
        classes: int = 0,
    ) -> None:
        super().__init__()
        height, width, channels = size
        self.size, self.output_activation = (channels, height, width), output_activation
        widths = (latent_dim, *reversed(hidden), height * width * channels)
        self.stack = Stack(widths, activation, classes)
        start = None if variance is None else torch.tensor(variance)
        self.register_buffer("variance", start)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        logits: Tensor = self.stack(latent, label)
        return logits.view(-1, *self.size)

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        """Images float32 (B, C, H, W) in [0, 1]."""
        return activate(self(latent, label), self.output_activation)

    @torch.no_grad()
    def start_at(self, image: Tensor) -> None:
        """Set the last bias so that the untrained network outputs about `image` (C, H, W)."""
        last = self.stack.layers[-1]
        assert isinstance(last, nn.Linear)
        last.bias.copy_(logits_of_image(image, self.output_activation).flatten())


def activate(logits: Tensor, output_activation: OutputActivation) -> Tensor:
    """Pixels in [0, 1]: sigmoid(logits), or (tanh(logits) + 1) / 2, which is sigmoid(2 logits)."""
    logits = logits.float()
    return torch.sigmoid(logits if output_activation == "sigmoid" else 2 * logits)


def logits_of_image(image: Tensor, output_activation: OutputActivation) -> Tensor:
    """The inverse of `activate`, of pixels clamped to [0.02, 0.98].

    A network that starts at the mean image does not have to learn it. One that starts at grey can
    drive every pixel of dark images to black, where tanh saturates and training stops (the default
    autoencoder on MNIST stayed at 357 squared error an image).
    """
    logits = torch.logit(image.clamp(0.02, 0.98))
    return logits if output_activation == "sigmoid" else logits / 2
