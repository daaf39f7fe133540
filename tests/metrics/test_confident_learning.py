"""Likely wrong labels: how many, and which."""

import torch

from handloom.metrics.confident_learning import (
    amount,
    confident_joint,
    is_telling,
    thresholds,
    wrong_labels,
)


def test_the_worked_example() -> None:
    """Two classes with typical confidences 0.7 and 0.6; the fourth row is like the second class."""
    probability = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.8, 0.2], [0.2, 0.8],
                                [0.4, 0.6], [0.4, 0.6]])  # fmt: skip
    label = torch.tensor([0, 0, 0, 0, 1, 1])
    assert torch.allclose(thresholds(probability, label), torch.tensor([0.7, 0.6]))
    assert confident_joint(probability, label).tolist() == [[3, 1], [0, 2]]
    suspects = wrong_labels(probability, label)
    assert suspects.rows.tolist() == [3]
    assert suspects.likely.tolist() == [1]
    assert torch.allclose(suspects.margin, torch.tensor([0.6]))


def test_rows_that_count_for_no_class_are_shared_out() -> None:
    """Of eight rows of class 0 four count, one of them for class 1: two of eight are wrong."""
    rows = [[0.9, 0.1]] * 3 + [[0.5, 0.5]] * 4 + [[0.1, 0.9]] + [[0.2, 0.8]] * 4
    probability = torch.tensor(rows)
    label = torch.tensor([0] * 8 + [1] * 4)
    assert confident_joint(probability, label).tolist() == [[3, 1], [0, 4]]
    assert amount(probability, label) == 2


def test_flipped_labels_come_first() -> None:
    torch.manual_seed(0)
    true = torch.arange(600) % 6
    logits = torch.randn(600, 6) + 4 * torch.nn.functional.one_hot(true, 6)
    label = true.clone()
    flipped = torch.randperm(600)[:30]
    label[flipped] = (label[flipped] + 1) % 6
    suspects = wrong_labels(logits.softmax(1), label)
    hits = sum(row in set(flipped.tolist()) for row in suspects.rows.tolist())
    assert hits >= 22
    assert hits >= 0.7 * len(suspects.rows)
    assert (suspects.margin.diff() <= 0).all()
    likely = dict(zip(suspects.rows.tolist(), suspects.likely.tolist(), strict=True))
    right = sum(likely[row] == int(true[row]) for row in flipped.tolist() if row in likely)
    assert right >= 0.9 * hits


def test_a_class_without_examples_counts_for_nothing() -> None:
    probability = torch.tensor([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    assert amount(probability, torch.tensor([0, 0, 1])) == 0


def test_right_predictions_are_never_suspects() -> None:
    torch.manual_seed(1)
    probability = torch.rand(200, 5).softmax(1)
    assert len(wrong_labels(probability, probability.argmax(1)).rows) == 0


def test_nothing_in_nothing_out() -> None:
    suspects = wrong_labels(torch.empty(0, 3), torch.empty(0, dtype=torch.int64))
    assert [len(part) for part in suspects] == [0, 0, 0]


def test_a_poor_model_says_nothing_about_labels() -> None:
    label = torch.tensor([0, 1] * 50)
    predicted = label.clone()
    predicted[:16] = 1 - predicted[:16]
    assert is_telling(predicted, label)  # 16 % are wrong, 50 % by the commonest class
    predicted[16:18] = 1 - predicted[16:18]
    assert not is_telling(predicted, label)
    assert not is_telling(label[:0], label[:0])
    assert is_telling(torch.zeros(9, dtype=torch.int64), torch.zeros(9, dtype=torch.int64))
