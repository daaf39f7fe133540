"""Accuracy, calibration, precision and recall against arithmetic by hand and scikit-learn."""

import math

import pytest
import torch
from torch import Tensor

from handloom.metrics.classification import (
    balanced_weights,
    best_threshold,
    classification_metrics,
    expected_calibration_error,
    per_class,
)
from handloom.metrics.interval import wilson


def by_hand(logits: Tensor, label: Tensor, bins: int) -> float:
    """Guo et al. 2017, equation 3, one bin after the other."""
    confidence, predicted = (t.tolist() for t in logits.softmax(1).max(1))
    total = 0.0
    for b in range(bins):
        inside = [
            i
            for i, c in enumerate(confidence)
            if b / bins <= c and (c < (b + 1) / bins or b == bins - 1)
        ]
        if inside:
            accuracy = sum(predicted[i] == label[i].item() for i in inside) / len(inside)
            mean = sum(confidence[i] for i in inside) / len(inside)
            total += len(inside) / len(label) * abs(accuracy - mean)
    return total


@pytest.mark.parametrize("bins", [1, 4, 15])
def test_calibration_by_hand(bins: int) -> None:
    torch.manual_seed(0)
    logits, label = 2 * torch.randn(500, 5), torch.randint(0, 5, (500,))
    found = expected_calibration_error(logits, label, bins).item()
    assert found == pytest.approx(by_hand(logits, label, bins), abs=1e-5)


def test_calibration_of_the_sure() -> None:
    sure = 100 * torch.eye(3)
    assert expected_calibration_error(sure, torch.arange(3)).item() == pytest.approx(0)
    assert expected_calibration_error(sure, torch.tensor([1, 2, 0])).item() == pytest.approx(1)
    half = torch.tensor([[math.log(0.75), math.log(0.25)]]).repeat(4, 1)
    assert expected_calibration_error(half, torch.tensor([0, 0, 0, 1])).item() == pytest.approx(
        0, abs=1e-6
    )


def test_metrics_of_a_set() -> None:
    torch.manual_seed(0)
    logits, label = torch.randn(50, 4), torch.randint(0, 4, (50,))
    found = classification_metrics(logits, label)
    assert list(found)[:2] == ["loss", "accuracy"]  # which an epoch's line shows
    assert found["loss"].item() == pytest.approx(
        -logits.log_softmax(1)[torch.arange(50), label].mean().item(), rel=1e-5
    )
    assert found["accuracy"].item() == pytest.approx((logits.argmax(1) == label).double().mean())


def test_per_class_counts_and_judges_only_classes_that_occur() -> None:
    predicted, label = torch.tensor([0, 1, 1, 0]), torch.tensor([0, 0, 1, 0])
    found = per_class(["a", "b", "c"], predicted, label, "images")
    assert found == {
        "a": {
            "images": 3,
            "predicted": 2,
            "precision": 1.0,
            "recall": pytest.approx(2 / 3, abs=1e-6),
            "f1": pytest.approx(0.8, abs=1e-6),
            "interval": pytest.approx(wilson(2, 3), abs=1e-6),
        },
        "b": {"images": 1, "predicted": 2, "precision": 0.5, "recall": 1.0,
              "f1": pytest.approx(2 / 3, abs=1e-6),
              "interval": pytest.approx(wilson(1, 1), abs=1e-6)},
    }  # fmt: skip


def test_means_over_classes_equal_scikit_learn() -> None:
    from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score

    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(300, 4, generator=generator)
    label = torch.randint(0, 4, (300,), generator=generator)
    found, predicted = classification_metrics(logits, label), logits.argmax(1)
    assert float(found["balanced_accuracy"]) == pytest.approx(
        balanced_accuracy_score(label, predicted), abs=1e-6
    )
    assert float(found["macro_f1"]) == pytest.approx(
        f1_score(label, predicted, average="macro"), abs=1e-6
    )
    classes = per_class(list("abcd"), predicted, label, "texts")
    for name, wanted in zip("abcd", precision_score(label, predicted, average=None), strict=True):
        assert classes[name]["precision"] == pytest.approx(wanted, abs=1e-6)


def test_the_threshold_of_the_best_f1() -> None:
    probability = torch.tensor([0.1, 0.2, 0.3, 0.3, 0.05, 0.6])
    positive = torch.tensor([False, False, True, False, False, True])
    assert best_threshold(probability, positive) == (pytest.approx(0.3), pytest.approx(0.8))


def test_five_guesses_count_from_twenty_classes_on() -> None:
    label = torch.arange(20)
    logits = torch.zeros(20, 20).scatter_(1, (label[:, None] + torch.arange(1, 6)) % 20, 1.0)
    logits[:5, :] = 10 * torch.eye(20)[:5]  # five at the first guess, the others not in five
    found = classification_metrics(logits, label)
    assert found["accuracy"].item() == found["top5_accuracy"].item() == 0.25
    logits[5:, :] += 0.5 * torch.eye(20)[5:]
    logits[torch.arange(5, 20), (label[5:] + 1) % 20] = 0.0  # the right one is among five now
    found = classification_metrics(logits, label)
    assert (found["accuracy"].item(), found["top5_accuracy"].item()) == (0.25, 1.0)
    assert "top5_accuracy" not in classification_metrics(logits[:, :19], label % 19)


def test_few_examples_have_an_interval() -> None:
    logits, label = torch.eye(2)[torch.zeros(29, dtype=torch.long)], torch.zeros(29).long()
    few = classification_metrics(logits, label)
    assert few["accuracy_low"].item() == pytest.approx(29 / (29 + 1.96**2))  # Wilson, all right
    assert few["accuracy_high"].item() == pytest.approx(1)
    many = classification_metrics(torch.cat([logits, logits]), torch.cat([label, label]))
    assert "accuracy_low" not in many


def test_means_are_of_the_classes_that_a_threshold_predicts() -> None:
    """0.4 of the rare class is enough: all means over classes follow, not the counts alone."""
    logits = torch.tensor([[0.6, 0.4], [0.9, 0.1], [0.4, 0.6], [0.6, 0.4]]).log()
    label, predicted = torch.tensor([1, 0, 1, 0]), torch.tensor([1, 0, 1, 1])
    found = classification_metrics(logits, label, predicted)
    assert found["accuracy"].item() == 0.75
    assert found["balanced_accuracy"].item() == pytest.approx(0.75)
    assert found["macro_f1"].item() == pytest.approx((2 / 3 + 0.8) / 2)


def test_balanced_weights_give_every_class_the_same_sum() -> None:
    label = torch.tensor([0] * 6 + [1] * 2 + [3])
    weight = balanced_weights(label, 4)
    assert [float(weight[i] * (label == i).sum()) for i in (0, 1, 3)] == pytest.approx([3, 3, 3])
    assert weight[label].mean().item() == pytest.approx(1)
