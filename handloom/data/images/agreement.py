"""How well two images agree where they agree least."""

from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d

LOCAL = 0.85  # agreement from which on images look the same
NOISE = 4.0  # of 255: deviation that compression alone may cause


def agreement(left: Tensor, right: Tensor, side: int, parts: int = 4) -> Tensor:
    """Of each pair of images, how well the worst region agrees, float (N,), -1 to 1.

    The contrast and structure terms of SSIM (Wang et al., 2004, eq. 13), without its mean.

    left, right: float (N, 1, H, W), brightness of 255; compared at `side` pixels or at what they
    have, in regions of 1 / `parts` of the side that overlap by half.
    """
    side = min(side, *left.shape[2:])
    size = max(4, side // parts)
    if left.shape[2:] != (side, side):  # equal sizes would be averaged pixel by pixel all the same
        left, right = (adaptive_avg_pool2d(image, side) for image in (left, right))
    left_mean, right_mean = _regions(left, size), _regions(right, size)
    variance = _regions(left * left + right * right, size) - left_mean**2 - right_mean**2
    covariance = _regions(left * right, size) - left_mean * right_mean
    return ((2 * covariance + NOISE**2) / (variance + NOISE**2)).amin(dim=1)


def _regions(plane: Tensor, size: int) -> Tensor:
    return avg_pool2d(plane, size, size // 2).flatten(1)  # (N, 49) of four parts
