"""From which score on a result is an answer: `--min-score auto`, calibrated for each index.

Two kinds of queries are made of the collection itself. *Own* ones: an image, and its best score
among the others, which stands for a query that has an answer. *Background* ones: an image whose
own class is taken out of the collection, which stands for a query that has none; without labels,
the clusters of the collection take the place of classes. The least score is that which tells the
two apart best: the largest sum of the shares of own queries that find something and of background
queries that find nothing (Youden 1950, "Index for rating diagnostic tests"), among those at which
four of five own queries find something: an answer that is withheld costs more than a wrong image.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handloom.errors import UserError
from handloom.search.matrix import Numbers
from handloom.search.records import Vectors
from handloom.search.store import VectorStore
from handloom.wording import are

VERSION = 1  # of the calibration; another one makes those that were kept stale
MOST = 4_000  # images compared with each other: 16 million scores, 0.2 s
FEWEST = 20  # images, copies apart
SAME = 0.995  # cosine of copies, which are no answer to each other
FOUND = 0.8  # share of own queries that find something, at least
ROUNDS = 10  # of k-means
CLUSTERS = (12, 8, 6, 4, 3, 2)  # tried; those that are told apart best, the most of equal ones


class Calibration(NamedTuple):
    """min_score: the least score. answered: share of own queries that reach it, None without own
    queries; silent: share of background queries that do not."""

    min_score: float
    answered: float | None
    silent: float


def calibrated(store: VectorStore) -> Calibration:
    """The calibration of what a store holds now; computed once and kept with it.

    Raises UserError for a collection of too few different images, and for one that is all alike.
    """
    kept, changes = store.get("calibration"), store.changes()
    if kept is not None:
        version, at, *values = json.loads(kept)
        if (version, at) == (VERSION, changes):
            return Calibration(*values)
    vectors, images = store.sample(MOST)
    calibration = calibrate(vectors, [image.label for image in images])
    store.set("calibration", json.dumps([VERSION, changes, *calibration]))
    return calibration


def calibrate(vectors: Vectors, labels: Sequence[str | None]) -> Calibration:
    """From vectors (N, D) of length 1 and their labels, None where unknown."""
    scores = vectors @ vectors.T  # (N, N)
    are_same = scores >= SAME
    different = len(vectors) - int(np.triu(are_same, 1).any(axis=0).sum())
    if different < FEWEST:
        raise UserError(
            f"--min-score auto needs {FEWEST} different images or more to be calibrated, and "
            f"there {are(different)} {different}: give a number, as in "
            "--min-score 0.7"
        )
    scores[are_same] = -1
    classes = _classes(labels)
    if classes is not None:
        return _told_apart(scores, classes)
    tried = [_told_apart(scores, clusters(vectors, count)) for count in CLUSTERS]
    return max(tried, key=lambda each: round((each.answered or 0) + each.silent, 2))


def _told_apart(scores: Vectors, group: Numbers) -> Calibration:
    """Of scores (N, N) of images with each other, and the number of each one's group (N,)."""
    others = np.where(group[:, None] == group[None, :], np.float32(-1), scores)
    return threshold(scores.max(axis=1), others.max(axis=1))


def threshold(own: Vectors, background: Vectors) -> Calibration:
    """The score that tells best scores of own queries (N,) and of background ones (M,) apart.

    Raises UserError where all of them are equal.
    """
    values = np.unique(np.concatenate([own, background]))
    if len(values) < 2:
        raise UserError(
            "--min-score auto cannot be calibrated, since all images are equally alike: give a "
            "number, as in --min-score 0.7"
        )
    candidates, gaps = (values[1:] + values[:-1]) / 2, np.diff(values)
    answered = 1 - np.searchsorted(np.sort(own), candidates) / len(own)
    silent = np.searchsorted(np.sort(background), candidates) / len(background)
    sums = np.where(answered >= min(FOUND, answered.max()), answered + silent, 0)
    best = np.flatnonzero(sums >= sums.max() - 1e-9)
    least = float(candidates[best[np.argmax(gaps[best])]])  # in the middle of the widest gap
    return Calibration(least, float((own >= least).mean()), float((background < least).mean()))


def _classes(labels: Sequence[str | None]) -> "Numbers | None":
    """A number for each image (N,), -1 without a label; None where most have none, or all one."""
    names = sorted({label for label in labels if label is not None})
    unlabelled = sum(label is None for label in labels)
    if len(names) < 2 or 2 * unlabelled > len(labels):
        return None
    number = {name: place for place, name in enumerate(names)}
    return np.array([-1 if label is None else number[label] for label in labels])


def clusters(vectors: Vectors, count: int) -> Numbers:
    """Spherical k-means: the cluster of each of the vectors (N, D), from a fixed start."""
    random = np.random.default_rng(0)
    centres = vectors[random.choice(len(vectors), count, replace=False)]
    nearest = np.zeros(len(vectors), np.int64)
    for _ in range(ROUNDS):
        nearest = np.argmax(vectors @ centres.T, axis=1)
        for each in range(count):
            members = vectors[nearest == each]
            if len(members):
                mean = members.mean(axis=0)
                centres[each] = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return nearest
