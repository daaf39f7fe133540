"""The loss of a learned filter, by hand."""

import pytest
import torch

from handloom.engine.objective import Batch
from handloom.models.image.linear_filter import LinearFilter
from handloom.objectives.filtering import FilterFit


@pytest.fixture
def batch() -> Batch:
    return {
        "before": torch.tensor([[[[1.0, 2.0, 4.0]]]]),
        "after": torch.tensor([[[[0.0, 1.0]]]]),
        "counts": torch.tensor([[[[1.0, 1.0]]]]),
    }


def fit(kernel: list[float], reduction: str) -> FilterFit:
    network = LinearFilter(1, 1, 1, 2)
    with torch.no_grad():
        network.kernel.copy_(torch.tensor(kernel).view(1, 1, 1, 2))
    return FilterFit(network, "sum" if reduction == "sum" else "mean")


def test_sum_and_mean(batch: Batch) -> None:
    loss, logs = fit([1.0, 1.0], "sum").loss(batch)  # 3 - 0 and 6 - 1
    assert loss.item() == 9 + 25
    assert {name: value.item() for name, value in logs.items()} == {"kernel_0": 1, "kernel_1": 1}
    assert fit([1.0, 1.0], "mean").loss(batch)[0].item() == 17


def test_pixels_that_do_not_count(batch: Batch) -> None:
    batch["counts"] = torch.tensor([[[[1.0, 0.0]]]])
    assert fit([1.0, 1.0], "sum").loss(batch)[0].item() == 9
    objective = fit([1.0, 1.0], "mean")
    assert objective.loss(batch)[0].item() == 9
    assert objective.metrics(objective.outputs(batch))["loss"].item() == 9


def test_the_gradient_is_the_correlation_of_image_and_error(batch: Batch) -> None:
    objective = fit([1.0, 1.0], "sum")
    objective.loss(batch)[0].backward()
    (kernel,) = objective.filter.parameters()
    assert kernel.grad is not None
    assert kernel.grad.flatten().tolist() == [2 * (3 * 1 + 5 * 2), 2 * (3 * 2 + 5 * 4)]


def test_a_large_kernel_is_not_logged() -> None:
    size = torch.rand(1, 1, 9, 9)
    objective = FilterFit(LinearFilter(1, 1, 6, 6))
    after = torch.zeros(1, 1, 4, 4)
    batch = {"before": size, "after": after, "counts": torch.ones_like(after)}
    assert objective.loss(batch)[1] == {}
