"""Principal components: directions of a covariance, and the reconstruction error they leave."""

import torch
from torch import Tensor

from handloom.division.sample import sample_rows

MOST = 10_000  # training images that the components are of


def principal_directions(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvectors (D, D), one a row, the largest variance first, and the standard deviation (D,)
    along each.

    The sign of an eigenvector is arbitrary; the one with the larger positive part is taken, so that
    images made from them look the same on every machine.
    """
    values, vectors = torch.linalg.eigh(covariance.double())
    directions = vectors.T.flip(0)
    sign = directions.pow(3).sum(1).sign()
    directions = directions * torch.where(sign == 0, 1.0, sign)[:, None]
    return directions.float(), values.flip(0).clamp(min=0).sqrt().float()


@torch.no_grad()
def pca_squared_error(train: Tensor, test: Tensor, components: int) -> float:
    """Mean sum of squared errors of `test` images in [-1, 1], reconstructed from the first
    principal components of `train` and clamped to [-1, 1], the range that a decoder's tanh has.

    train, test: uint8 (N, ...). At most 10,000 training images are used, chosen at random: every
    sixth of MNIST's is not a fair sample (not clamped, 167.1 instead of 161.9 for 3 components).
    Components by randomized subspace iteration (Halko et al. 2011, arXiv:0909.4061).
    """
    generator = torch.Generator().manual_seed(0)
    flat = train[sample_rows(len(train), MOST)].flatten(1).float().div_(127.5).sub_(1)  # (N, P)
    mean = flat.mean(0)
    width = min(components + 10, *flat.shape)
    basis = torch.randn(flat.shape[1], width, generator=generator)
    flat.sub_(mean)
    for _ in range(6):
        basis = torch.linalg.qr(flat.T @ (flat @ basis))[0]
    vectors = torch.linalg.svd(flat @ basis, full_matrices=False)[2]
    directions = basis @ vectors[:components].T  # (P, components)
    total = 0.0
    for part in test.split(1000):
        image = part.flatten(1).float().div_(127.5).sub_(1)
        reconstruction = ((image - mean) @ directions @ directions.T + mean).clamp_(-1, 1)
        total += (image - reconstruction).square().sum().item()
    return total / len(test)
