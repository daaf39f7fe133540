"""How likely an image is, given what a decoder makes of its latent: Bernoulli or Gaussian."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.objectives.squares import squared_error

MEMORY = 10  # batches that the variance of a pixel is averaged over


class Bernoulli(nn.Module):
    """Every pixel is black or white with probability sigmoid(logit); intensities count in part.

    forward: logits and image (B, C, H, W) to nats (B,): -log p(image | logits).
    """

    def forward(self, logits: Tensor, image: Tensor) -> Tensor:
        nats = F.binary_cross_entropy_with_logits(logits.float(), image, reduction="none")
        return nats.flatten(1).sum(1)


class Gaussian(nn.Module):
    """Every pixel is normal around (tanh(logit) + 1) / 2, with one variance for all of them.

    forward: logits and image (B, C, H, W) to nats (B,): -log of the density over [0, 1] pixels.

    variance: a 0-dim tensor, kept by its owner. fixed: it stays as it is, and the constant
    0.5 log(2 pi variance) of every pixel is left out, so that 1/8 gives the tutorial's sum of
    squares in [-1, 1]. Otherwise, while training, the best variance of each batch is taken, which
    is its mean square, and `variance` follows it (the optimal sigma-VAE of Rybkin et al. 2021,
    arXiv:2006.13202, eq. 5) over about the last ten batches, no lower than (1 / 255)^2. With
    100 of them, a run of 105 steps reported -17 nats where the variance of its images gives -28.
    """

    variance: Tensor

    def __init__(self, variance: Tensor, fixed: bool = False) -> None:
        super().__init__()
        self.register_buffer("variance", variance, persistent=False)
        self.fixed = fixed

    def forward(self, logits: Tensor, image: Tensor) -> Tensor:
        squares = squared_error(logits, image)  # (B,)
        pixels = image[0].numel()
        if self.fixed:
            return squares / (2 * self.variance)
        if self.training:
            variance = (squares.mean() / pixels).clamp(min=255**-2)
            with torch.no_grad():
                self.variance.lerp_(variance, 1 / MEMORY)
        else:
            variance = self.variance
        constant = 0.5 * pixels * (math.log(2 * math.pi) + variance.log())
        return squares / (2 * variance) + constant
