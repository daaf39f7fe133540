"""Alignment and uniformity of embeddings (Wang and Isola 2020, arXiv:2005.10242)."""

from torch import Tensor

from handloom.division.sample import sample_rows

MOST = 4096  # rows that are compared with one another


def alignment(first: Tensor, second: Tensor) -> Tensor:
    """Mean squared distance between two views of an image, 0-dim (eq. 4, alpha = 2).

    first, second: (N, D), rows of length 1. 0: the views of an image are one point; 2: they are as
    far apart as views of any two images on a sphere.
    """
    return (first.float() - second.float()).square().sum(1).mean()


def uniformity(embedding: Tensor) -> Tensor:
    """log of the mean of exp(-2 |x - y|^2) over pairs of different rows, 0-dim (eq. 5, t = 2).

    embedding: (N, D), rows of length 1, N >= 2, of which a sample of 4,096 is used. 0: all rows are
    one point, the embedding has collapsed; about -3.9: they are spread evenly over a sphere.
    """
    rows = embedding[sample_rows(len(embedding), MOST).to(embedding.device)].float()
    squared = (2 - 2 * rows @ rows.T).clamp(min=0)
    count = len(rows)
    total = (-2 * squared).exp().sum() - (-2 * squared.diagonal()).exp().sum()
    return (total / (count * (count - 1))).log()
