"""Likely wrong labels: what is counted, and what is not."""

import torch

from handloom.metrics.confident_learning import thresholds, wrong_labels


def test_the_worked_example() -> None:
    """Two classes with typical confidences 0.7 and 0.6; the fourth row is like the second class."""
    probability = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.8, 0.2], [0.2, 0.8],
                                [0.4, 0.6], [0.4, 0.6]])  # fmt: skip
    label = torch.tensor([0, 0, 0, 0, 1, 1])
    assert torch.allclose(thresholds(probability, label), torch.tensor([0.7, 0.6]))
    issues = wrong_labels(probability, label)
    assert issues.rows.tolist() == [3]
    assert issues.likely.tolist() == [1]
    assert torch.allclose(issues.margin, torch.tensor([0.6]))


def test_flipped_labels_come_first() -> None:
    torch.manual_seed(0)
    true = torch.arange(600) % 6
    logits = torch.randn(600, 6) + 6 * torch.nn.functional.one_hot(true, 6)
    label = true.clone()
    flipped = torch.randperm(600)[:30]
    label[flipped] = (label[flipped] + 1) % 6
    issues = wrong_labels(logits.softmax(1), label)
    hits = sum(row in set(flipped.tolist()) for row in issues.rows.tolist())
    assert hits >= 20
    assert hits >= 0.7 * len(issues.rows)
    assert (issues.margin.diff() <= 0).all()
    found = dict(zip(issues.rows.tolist(), issues.likely.tolist(), strict=True))
    right = sum(found[row] == int(true[row]) for row in flipped.tolist() if row in found)
    assert right >= 0.9 * hits


def test_a_class_without_examples_is_no_suggestion() -> None:
    probability = torch.tensor([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    assert wrong_labels(probability, torch.tensor([0, 0, 1])).rows.tolist() == []


def test_right_predictions_are_never_issues() -> None:
    torch.manual_seed(1)
    probability = torch.rand(200, 5).softmax(1)
    issues = wrong_labels(probability, probability.argmax(1))
    assert len(issues.rows) == 0


def test_nothing_in_nothing_out() -> None:
    issues = wrong_labels(torch.empty(0, 3), torch.empty(0, dtype=torch.int64))
    assert [len(part) for part in issues] == [0, 0, 0]
