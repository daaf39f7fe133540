"""Distances between real and generated images, computed on features (N, F) of both sets.

No function here touches the global generators or knows which network the features come from.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from handloom.division.sample import sample_rows

ROWS = 1024  # of a distance matrix at a time
SAMPLE = 1000  # images that decide on the bandwidth


class Estimate(NamedTuple):
    """A figure of samples, and its standard error over these; both 0-dim tensors."""

    value: Tensor
    standard_error: Tensor


def kernel_distance(real: Tensor, generated: Tensor) -> Estimate:
    """Squared maximum mean discrepancy with the kernel of Binkowski et al. 2018 (arXiv:1801.01401,
    eq. 4), over all pairs.

    real (N, F), generated (M, F), float32, N and M above 1. The kernel is (x . y / F + 1) ** 3 and
    the estimator is unbiased: for two samples of one distribution it is 0 on average, and so often
    below 0. On Inception features, over random subsets of 1,000, this is the "KID". The standard
    error is of the first order (Bounliphone et al. 2016, arXiv:1511.04581); between samples
    of one distribution it is up to 1.4 times too large.
    """
    within = _mean_kernels(real, real, same=True), _mean_kernels(generated, generated, same=True)
    across = _mean_kernels(real, generated), _mean_kernels(generated, real)
    ours, theirs = within[0] - across[0], within[1] - across[1]  # (N,), (M,); each has half of it
    variance = 4 * (ours.var() / len(real) + theirs.var() / len(generated))
    return Estimate((ours.mean() + theirs.mean()).float(), variance.sqrt().float())


def _mean_kernels(rows: Tensor, among: Tensor, same: bool = False) -> Tensor:
    """The mean kernel of each row with those of `among`, float64 (N,); same: without itself."""
    means = []
    for part in rows.split(ROWS):
        total = _kernel(part @ among.T, rows.shape[1]).sum(1, dtype=torch.float64)
        if same:
            total -= _kernel(part.square().sum(1), rows.shape[1])
        means.append(total / (len(among) - same))
    return torch.cat(means)


def _kernel(product: Tensor, features: int) -> Tensor:
    return (product / features + 1) ** 3


def frechet_distance(real: Tensor, generated: Tensor) -> Tensor:
    """Frechet distance of two Gaussians fitted to the features (Heusel et al. 2017,
    arXiv:1706.08500, eq. 6), computed in float64.

    real (N, F), generated (M, F), float32 -> a 0-dim tensor, float32:
    |m - m'|^2 + tr(S + S' - 2 sqrt(S S')). With few images it is too large by about F^2 / N. On
    Inception features this is the "FID".
    """
    (mean, covariance), (other_mean, other) = _gaussian(real), _gaussian(generated)
    root = torch.linalg.eigvals(covariance @ other).sqrt().real.sum()  # its trace
    squares = (mean - other_mean).square().sum()
    distance: Tensor = squares + covariance.trace() + other.trace() - 2 * root
    return distance.to(real.dtype)


def _gaussian(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (F,) and covariance (F, F) of rows (N, F), float64."""
    rows = features.double()
    mean = rows.mean(0)
    away = rows - mean
    return mean, away.T @ away / (len(rows) - 1)


def mean_similarity(features: Tensor, bandwidth: Tensor) -> Tensor:
    """Mean of exp(-(d / bandwidth)^2) over all pairs of different rows, in [0, 1].

    features: (N, F), N above 1. The inverse is an effective number of different images: the
    order-2 Vendi score (Pasarkar and Dieng 2023, arXiv:2310.12952), here without the pairs of an
    image with itself, so that it does not depend on N. It is a soft version of the chance of
    generating an image twice, as in the birthday test (Arora and Zhang 2017, arXiv:1706.08224).
    """
    total = torch.zeros((), dtype=torch.float64, device=features.device)
    for rows in features.split(ROWS):
        distance = torch.cdist(rows, features)
        total += torch.exp(-((distance / bandwidth) ** 2)).sum(dtype=torch.float64)
    count = len(features)
    mean: Tensor = (total - count) / (count * (count - 1))
    return mean.clamp(min=0)


def similarity_bandwidth(real: Tensor, different: float = 100.0) -> Tensor:
    """The bandwidth at which the mean similarity of real images (N, F) is 1 / different, 0-dim.

    By a sample of 1,000 of them. A mean similarity ten times as high means a collapse, whatever
    the scale of the features. A quarter of the median distance was tried instead: the effective
    number of images was then 99 to 116 on digits and MNIST.
    """
    some = real[sample_rows(len(real), SAMPLE).to(real.device)]
    squares = torch.cdist(some, some) ** 2
    count = len(some)
    low = high = squares.median().clamp(min=1e-12).log() / 2
    low, high = low - 10, high + 10  # logarithms of bandwidths
    for _ in range(40):
        middle = (low + high) / 2
        similarity = torch.exp(-squares / torch.exp(2 * middle)).sum() - count
        too_wide = similarity > count * (count - 1) / different
        low, high = torch.where(too_wide, low, middle), torch.where(too_wide, middle, high)
    return middle.exp()


def nearest(rows: Tensor, among: Tensor, same: bool = False) -> tuple[Tensor, Tensor]:
    """Distance to the nearest row of `among`, and its index; (N, F), (M, F) -> (N,), (N,).

    same: both are the same set, and a row is not its own neighbour.
    """
    distances, indices = [], []
    for first in range(0, len(rows), ROWS):
        part = rows[first : first + ROWS]
        distance = torch.cdist(part, among)  # (ROWS, M)
        if same:
            diagonal = torch.arange(len(part), device=rows.device)
            distance[diagonal, diagonal + first] = torch.inf
        index = distance.argmin(1)
        indices.append(index)
        # Recomputed, since cdist takes a small distance as a difference of large numbers.
        distances.append((part - among[index]).square().sum(1).sqrt())
    return torch.cat(distances), torch.cat(indices)


def relative_distance(distance: Tensor, index: Tensor, own: Tensor) -> Tensor:
    """Median over images of the distance to the nearest training image, divided by the distance of
    that one to its own nearest training image; a 0-dim tensor.

    An image below 1 is not authentic in the sense of Alaa et al. 2022 (arXiv:2102.08921, section
    4.3). distance, index: (N,), from `nearest`; own: (M,), of the training images among themselves.
    Dividing by the local distance matters: a generator of ones only, which are all alike, does not
    count as one that copies.
    """
    least = 0.1 * own.median()  # a duplicated training image has distance 0
    return (distance / torch.maximum(own[index], least).clamp(min=1e-12)).median()
