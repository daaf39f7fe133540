"""Places of the largest scores first, as many as are taken."""

from collections.abc import Iterator

import numpy as np

from handloom.search.matrix import Numbers
from handloom.search.records import Vectors

FIRST = 64  # places sorted at first; then four times as many as before


def ranked(scores: Vectors) -> Iterator[Numbers]:
    """Places (n,) of scores (N,), by falling score; equal ones by their place. In portions.

    A portion costs one pass over the scores, so that the first few of 100,000 take 1 ms.
    """
    left, most = np.array(scores), FIRST
    remaining = int((left > -np.inf).sum())
    while remaining:
        if remaining <= most or most >= len(left):
            places = np.flatnonzero(left > -np.inf)
        else:
            least = np.partition(left, len(left) - most)[len(left) - most]
            places = np.flatnonzero(left >= least)  # more than `most` where scores are equal
        yield places[np.argsort(-scores[places], kind="stable")]
        left[places] = -np.inf
        remaining -= len(places)
        most *= 4
