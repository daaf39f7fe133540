"""Cross-entropy, accuracy and calibration against torch and arithmetic by hand."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.objectives.classification import (
    Classification,
    classification_metrics,
    expected_calibration_error,
    per_class,
)


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
    assert set(found) == {"loss", "accuracy", "calibration"}
    assert found["loss"].item() == pytest.approx(
        -logits.log_softmax(1)[torch.arange(50), label].mean().item(), rel=1e-5
    )
    assert found["accuracy"].item() == pytest.approx((logits.argmax(1) == label).double().mean())


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_loss_equals_torch(smoothing: float) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 4))
    batch = {"image": torch.rand(8, 3, 2, 2), "label": torch.arange(8) % 4}
    loss, logs = Classification(network, label_smoothing=smoothing).loss(batch)
    logits = network(batch["image"])
    one_hot = F.one_hot(batch["label"], 4) * (1 - smoothing) + smoothing / 4
    expected = -(one_hot * logits.log_softmax(1)).sum(1).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    right = (logits.argmax(1) == batch["label"]).float().mean()
    assert logs["accuracy"].item() == pytest.approx(right.item())


def test_augmentation_is_for_training_alone() -> None:
    class Black(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return torch.zeros_like(image)

    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    objective = Classification(network, Black())
    batch = {"image": torch.rand(2, 1, 2, 2), "label": torch.tensor([0, 1])}
    assert torch.equal(objective.outputs(batch)["logits"], network(batch["image"]))
    loss, _ = objective.loss(batch)
    black = F.cross_entropy(network(torch.zeros(2, 1, 2, 2)), batch["label"])
    assert loss.item() == pytest.approx(black.item())


def test_the_ema_is_evaluated_where_there_is_one() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    assert Classification(network).eval_model is network
    objective = Classification(network, ema_decay=0.9)
    assert objective.ema is not None
    assert objective.eval_model is objective.ema.module
    phase = objective.phases()[0]
    assert {id(p) for p in phase.parameters} == {id(p) for p in network.parameters()}


def test_per_class_counts_and_judges_only_classes_that_occur() -> None:
    predicted, label = torch.tensor([0, 1, 1, 0]), torch.tensor([0, 0, 1, 0])
    found = per_class(["a", "b", "c"], predicted, label, "images")
    assert found == {
        "a": {"images": 3, "accuracy": pytest.approx(2 / 3, abs=1e-6)},
        "b": {"images": 1, "accuracy": 1.0},
    }
