"""`--min-score auto`: tells queries that have an answer from those that have none."""

import numpy as np
import pytest

from handloom.errors import UserError
from handloom.search.calibration import calibrate, clusters, threshold
from tests.search.conftest import unit


def blobs(
    count: int, spread: float, seed: int = 0
) -> "tuple[np.ndarray[object, np.dtype[np.float32]], list[str | None]]":  # type: ignore[type-var]
    """Vectors around six directions, and which."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(6, 32))
    label = random.integers(0, 6, count)
    return unit(centres[label] + spread * random.normal(size=(count, 32))), [str(x) for x in label]


def test_the_threshold_is_the_one_that_tells_best() -> None:
    own = np.array([0.9, 0.8, 0.7, 0.3], np.float32)
    background = np.array([0.6, 0.5, 0.4, 0.75], np.float32)
    least, found, silent = threshold(own, background)
    assert 0.6 < least < 0.7
    assert (found, silent) == (0.75, 0.75)


@pytest.mark.parametrize("is_labelled", [True, False])
def test_queries_of_absent_classes_find_nothing(is_labelled: bool) -> None:
    vectors, labels = blobs(600, 0.4)
    there = np.array([label not in ("4", "5") for label in labels])
    shown = [label if is_labelled else None for label in labels]
    collection, names = vectors[there], [n for n, is_there in zip(shown, there) if is_there]
    least = calibrate(collection, names).min_score
    best = (vectors[~there] @ collection.T).max(axis=1)
    assert (best < least).mean() > 0.95
    queries, their = blobs(600, 0.4, seed=0)
    same = np.array([label not in ("4", "5") for label in their])
    scores = queries[same] @ collection.T
    scores[scores > 0.999] = -1
    assert (scores.max(axis=1) >= least).mean() > 0.95


def test_too_few_images_are_refused() -> None:
    with pytest.raises(UserError, match="needs 20 different images or more"):
        calibrate(*blobs(10, 0.1))


def test_copies_are_not_different_images() -> None:
    alike = unit(np.ones((25, 8)) + 1e-3 * np.random.default_rng(0).normal(size=(25, 8)))
    for labels in ([None] * 25, ["a", "b"] * 12 + ["a"]):
        with pytest.raises(UserError, match="there is 1: give a number"):
            calibrate(alike, labels)
    vectors, labels = blobs(10, 0.4)
    with pytest.raises(UserError, match="there are 10: give a number"):
        calibrate(np.concatenate([vectors] * 3), labels * 3)


def test_images_that_are_equally_alike_are_refused() -> None:
    with pytest.raises(UserError, match="all images are equally alike: give a number"):
        calibrate(np.eye(24, dtype=np.float32), ["a", "b"] * 12)


def test_clusters_are_those_that_there_are() -> None:
    vectors, labels = blobs(200, 0.05)
    found = clusters(vectors, 6)
    pairs = {(label, int(cluster)) for label, cluster in zip(labels, found)}
    assert len(pairs) <= 8
