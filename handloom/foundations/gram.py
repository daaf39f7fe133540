"""The Gram matrix of feature maps: which features occur together, wherever in the image.

    G[c, d] = sum over i, j of F[c, i, j] F[d, i, j]

(Gatys, Ecker and Bethge 2016, eq. 3). The sum forgets where: features that move over the image, all
together, leave it as it is. What is left is texture, and the style of two images is compared by the
distance of their Gram matrices. `objectives/gram.py` computes the same in blocks, with a backward
pass that keeps no copies; `handloom stylize` divides the squared distance by |A|^2, A being the
painting's matrix, where `style_loss` below takes the mean over the matrix.
"""

import torch
from torch import Tensor


def gram(features: Tensor) -> Tensor:
    """(C, H, W) -> (C, C), symmetric, never negative on the diagonal."""
    channels, height, width = features.shape
    G = torch.zeros(channels, channels)
    for i in range(height):
        for j in range(width):
            f = features[:, i, j]  # (C,), all features of one place
            G += torch.outer(f, f)
    return G


def style_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared difference of the Gram matrices of two images, each divided by its H W."""
    own = gram(features) / features[0].numel()
    other = gram(wanted) / wanted[0].numel()
    return (own - other).square().mean()
