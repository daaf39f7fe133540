"""Scores of neighbours, against values worked out in another way."""

import numpy as np
import pytest

from handloom.comparison.quality import by_labels, by_views, chance, groups_of, queries_of


def test_scores_of_a_row_of_points() -> None:
    """Points on an arc: 0 and 1 of one group, 2 and 3 of another, 4 of none."""
    angles = np.deg2rad([0, 20, 30, 70, 5])
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    groups = groups_of(["a", "a", "b", "b", None])
    assert queries_of(groups).tolist() == [0, 1, 2, 3]
    scores, neighbours = by_labels(vectors, groups, 2, [0, 3])
    # 0: 4 1 2 3; 1: 2 4 0 3; 2: 1 4 0 3; 3: 2 1 4 0
    assert scores["precision@2"].tolist() == [0.5, 0, 0, 0.5]
    assert scores["recall@2"].tolist() == [1, 0, 0, 1]
    assert scores["recall@20"].tolist() == [1, 1, 1, 1]
    assert scores["mAP"] == pytest.approx([1 / 2, 1 / 3, 1 / 4, 1])
    assert neighbours.rows.tolist() == [[4, 1], [2, 1]]
    assert neighbours.is_right.tolist() == [[False, True], [True, False]]
    assert chance(groups) == pytest.approx(1 / 4)


def test_average_precision_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import average_precision_score

    random = np.random.default_rng(0)
    vectors = random.normal(size=(60, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = random.integers(0, 4, 60)
    scores, _ = by_labels(vectors, groups, 5, [])
    for row, value in enumerate(scores["mAP"]):
        others = np.arange(60) != row
        expected = average_precision_score(
            groups[others] == groups[row], (vectors @ vectors[row])[others]
        )
        assert value == pytest.approx(expected, abs=1e-6)
    assert scores["precision@5"].mean() == pytest.approx(chance(groups), abs=0.06)
    relevant = np.bincount(groups)[groups] - 1
    assert scores["recall@5"] == pytest.approx(5 * scores["precision@5"] / relevant)


def test_a_view_finds_its_own_image() -> None:
    vectors = np.eye(4, dtype=np.float32)
    views = vectors[[0, 2, 3]].copy()
    views[1] = [0.1, 0.8, 0.6, 0]  # of image 2, and nearer to image 1
    views[2] = 0.5  # of image 3, and as near to all
    scores, neighbours = by_views(vectors, views, np.array([0, 2, 3]), 2, [1])
    assert scores["view@1"].tolist() == [1, 0, 0]
    assert scores["view@2"].tolist() == [1, 1, 0]
    assert scores["reciprocal rank"] == pytest.approx([1, 1 / 2, 1 / 4])
    assert neighbours.rows.tolist() == [[1, 2]]
    assert neighbours.is_right.tolist() == [[False, True]]
