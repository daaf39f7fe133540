"""Recall both ways, where several answers are right."""

import pytest
import torch

from handloom.metrics.retrieval import recalls


def test_recall_by_hand() -> None:
    text = torch.eye(4)
    image = torch.tensor([[1.0, 0, 0, 0], [0.9, 0, 0, 0.1], [0, 0, 0.6, 0.8]])
    meaning = torch.tensor([[0], [3], [2]])  # image 1 is nearest to text 0, and wrong
    found = recalls(image, text, meaning, torch.arange(4))
    assert found["image_to_text_1"].item() == pytest.approx(1 / 3)
    assert found["text_to_image_1"].item() == pytest.approx(2 / 4)  # 0 and 2; 1 has no image
    assert "image_to_text_5" not in found
    assert found["recall"].item() == pytest.approx((1 / 3 + 1 / 2) / 2)


def test_every_right_answer_counts() -> None:
    text = torch.eye(2)
    image = torch.tensor([[1.0, 0], [0.9, 0.1], [0.1, 0.9]])
    shared = recalls(image, text, torch.tensor([[0], [0], [1]]), torch.tensor([0, 1]))
    assert shared["image_to_text_1"].item() == 1
    assert shared["text_to_image_1"].item() == 1
    several = recalls(image[:1], text, torch.tensor([[0, 1]]), torch.tensor([0, 1]))
    assert several["image_to_text_1"].item() == 1


def test_a_network_that_says_the_same_of_everything_finds_nothing() -> None:
    same = torch.ones(6, 4) / 2
    found = recalls(same, same, torch.arange(6)[:, None], torch.arange(6))
    assert float(found["image_to_text_1"]) == float(found["text_to_image_1"]) == 0


def test_a_network_that_diverged_finds_nothing() -> None:
    image, text = torch.full((3, 4), float("nan")), torch.eye(3, 4)
    found = recalls(image, text, torch.arange(3)[:, None], torch.arange(3))
    assert found["recall"].item() == 0


def test_equals_a_plain_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handloom.metrics.retrieval.AT_ONCE", 7)
    torch.manual_seed(0)
    image = torch.nn.functional.normalize(torch.randn(40, 8), dim=1)
    text = torch.nn.functional.normalize(image + 0.8 * torch.randn(40, 8), dim=1)
    found = recalls(image, text, torch.arange(40)[:, None], torch.arange(40))
    top = (image @ text.T).topk(5).indices
    expected = (top == torch.arange(40)[:, None]).any(1).float().mean()
    assert found["image_to_text_5"].item() == pytest.approx(expected.item())
