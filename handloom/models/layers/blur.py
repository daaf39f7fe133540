"""Gaussian blur of SimCLR (Chen et al. 2020, arXiv:2002.05709, appendix A), batched."""

import torch
from torch import Tensor, nn

SIGMA = (0.1, 2.0)  # pixels


class Blur(nn.Module):
    """Blurs some images, each by a Gaussian of its own, of 0.1 to 2 pixels.

    probability: of each image. forward: image (B, C, H, W), float, to the same shape. Random
    numbers are from the default generator of the device.

    Two products with matrices of weights, one for the rows and one for the columns. Differences:
    the Gaussian is not cut off at a tenth of the image; at the edge, the weights that are inside
    add up to 1.
    """

    def __init__(self, probability: float = 0.5) -> None:
        super().__init__()
        if not 0 <= probability <= 1:
            raise ValueError("probability must be in [0, 1].")
        self.probability = probability

    def forward(self, image: Tensor) -> Tensor:
        draw = torch.rand(2, len(image), 1, 1, device=image.device)
        sigma = SIGMA[0] + (SIGMA[1] - SIGMA[0]) * draw[0]
        # A Gaussian this narrow is the unit matrix: the image stays as it is.
        sigma = torch.where(draw[1] < self.probability, sigma, 1e-3)
        down, across = (_weights(side, sigma) for side in image.shape[2:])
        blurred: Tensor = down.unsqueeze(1) @ image @ across.mT.unsqueeze(1)
        return blurred


def _weights(side: int, sigma: Tensor) -> Tensor:
    """Weights (B, S, S) of every pixel of a line in each of its pixels; sigma: (B, 1, 1)."""
    place = torch.arange(side, device=sigma.device)
    distance = place.view(1, -1, 1) - place.view(1, 1, -1)
    return (-(distance**2) / (2 * sigma**2)).softmax(2)
