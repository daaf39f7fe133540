"""How good the neighbours of an encoder are: every image is a query once, among all others.

Average precision is the mean, over the images that are right, of the precision at the rank of each
(Manning, Raghavan, Schuetze 2008, "Introduction to Information Retrieval", section 8.4).
"""

from collections.abc import Sequence

import numpy as np

from handloom.comparison.records import Groups, Neighbours, Shares
from handloom.search.records import Vectors

AT_ONCE = 512  # queries compared with all images at a time
DEEP = 10  # times k results are looked at by the second recall


def groups_of(labels: Sequence[str | None]) -> Groups:
    """A number for each label (N,), -1 for none."""
    names = sorted({label for label in labels if label is not None})
    number = {name: place for place, name in enumerate(names)}
    return np.array([-1 if label is None else number[label] for label in labels], np.int64)


def queries_of(groups: Groups) -> Groups:
    """Rows (Q,) of the images whose group has another image."""
    sizes = np.bincount(groups[groups >= 0], minlength=1)
    return np.flatnonzero((groups >= 0) & (sizes[np.maximum(groups, 0)] > 1))


def by_labels(
    vectors: Vectors, groups: Groups, k: int, shown: Sequence[int]
) -> tuple[dict[str, Shares], Neighbours]:
    """Scores of vectors (N, D) of length 1, where images of one group are right for each other.

    precision@k: the share of k results that are right. recall@k: the share of all that is right
    that is among k results. shown: rows whose neighbours are returned.
    """
    queries, deep = queries_of(groups), DEEP * k
    values: dict[str, list[Shares]] = {name: [] for name in names_by_labels(k)}
    for start in range(0, len(queries), AT_ONCE):
        rows = queries[start : start + AT_ONCE]
        right = groups[_ordered(vectors, rows)] == groups[rows, None]  # (B, N - 1), best first
        relevant = right.sum(axis=1)
        ranks = np.arange(1, right.shape[1] + 1)
        precision = right.cumsum(axis=1) / ranks
        columns = (
            right[:, :k].mean(axis=1),
            right[:, :k].sum(axis=1) / relevant,
            right[:, :deep].sum(axis=1) / relevant,
            (precision * right).sum(axis=1) / relevant,
        )
        for name, column in zip(values, columns, strict=True):
            values[name].append(column)
    scores = {name: np.concatenate(parts) for name, parts in values.items()}
    return scores, _neighbours(vectors, groups, k, shown)


def names_by_labels(k: int) -> tuple[str, ...]:
    """The measures of `by_labels`, the one that decides first."""
    return f"precision@{k}", f"recall@{k}", f"recall@{DEEP * k}", "mAP"


def by_views(
    vectors: Vectors, views: Vectors, own: Groups, k: int, shown: Sequence[int]
) -> tuple[dict[str, Shares], Neighbours]:
    """Scores of distorted views (Q, D), of which number i was made of image own[i] of (N, D).

    An image that is as near as the own one counts as nearer. The reciprocal rank is 1 where the own
    image is the nearest, 1/2 where it is the second.
    """
    scores = views @ vectors.T  # (Q, N)
    best = scores[np.arange(len(own)), own]
    rank = (scores >= best[:, None]).sum(axis=1)  # 1 for the nearest
    order = np.argsort(-scores[shown], axis=1, kind="stable")[:, :k]
    values = (rank == 1).astype(float), (rank <= k).astype(float), 1 / rank
    named = dict(zip(names_by_views(k), values, strict=True))
    return named, Neighbours(order, order == own[shown][:, None])


def names_by_views(k: int) -> tuple[str, ...]:
    """The measures of `by_views`, the one that decides first."""
    return "view@1", f"view@{k}", "reciprocal rank"


def chance(groups: Groups) -> float:
    """The precision of neighbours in any order: how many of the other images are right."""
    sizes = np.bincount(groups[groups >= 0], minlength=1)
    return float(((sizes[groups[queries_of(groups)]] - 1) / (len(groups) - 1)).mean())


def _ordered(vectors: Vectors, rows: Groups) -> Groups:
    """All other images (B, N - 1) of some queries, best first; equal ones by their place."""
    scores = vectors[rows] @ vectors.T
    scores[np.arange(len(rows)), rows] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :-1]


def _neighbours(vectors: Vectors, groups: Groups, k: int, shown: Sequence[int]) -> Neighbours:
    rows = np.array(shown, np.int64)
    order = _ordered(vectors, rows)[:, :k]
    return Neighbours(order, groups[order] == groups[rows, None])
