"""CLIP's loss against the pseudocode of the paper, captions that are shared, and gradients."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.models.clip import CLIP
from handloom.models.text.transformer import TextBag
from handloom.objectives.clip import Clip
from tests.engine.conftest import no_waiting

__all__ = ["no_waiting"]  # a fixture

Guard = Callable[[], AbstractContextManager[None]]

TOKENS = torch.tensor([[2, 3, 0], [4, 5, 6], [7, 0, 0], [2, 6, 7], [3, 3, 5], [4, 0, 0]])
LENGTH = torch.tensor([2, 3, 1, 3, 3, 1])


def small(group: list[int], frozen: bool = False) -> Clip:
    torch.manual_seed(0)
    network = CLIP(nn.Sequential(nn.Flatten(), nn.Linear(12, 5)), 5, TextBag(8, 6), 6, 4)
    if frozen:
        network.image.requires_grad_(False)
    parameters = [p for p in network.parameters() if p.requires_grad]
    return Clip(network, parameters, TOKENS, LENGTH, torch.tensor(group))


def batch() -> dict[str, Tensor]:
    torch.manual_seed(1)
    return {"image": torch.rand(6, 3, 2, 2), "caption": torch.arange(6)[:, None]}


def test_the_loss_is_that_of_the_paper_where_no_caption_comes_twice() -> None:
    """Radford et al. 2021, fig. 3."""
    objective, given = small([0, 1, 2, 3, 4, 5]), batch()
    loss, logs = objective.loss(given)
    network = objective.network
    logits = network.images(given["image"]) @ network.texts(TOKENS, LENGTH).T / 0.07
    labels = torch.arange(6)
    expected = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert logs["scale"].item() == pytest.approx(1 / 0.07, rel=1e-4)


def test_a_caption_that_is_shared_is_no_negative() -> None:
    objective, given = small([0, 0, 1, 1, 1, 2]), batch()
    loss, _ = objective.loss(given)
    network = objective.network
    logits = network.scale * network.images(given["image"]) @ network.texts(TOKENS, LENGTH).T
    group = torch.tensor([0, 0, 1, 1, 1, 2])
    total = 0.0
    for scores in (logits, logits.T):
        for row in range(6):
            right = group == group[row]
            total -= scores[row].log_softmax(0)[right].mean().item() / 12
    assert loss.item() == pytest.approx(total, rel=1e-5)


def test_every_caption_of_an_image_is_right_for_it() -> None:
    objective = small([0, 1, 2, 3, 4, 5])
    given = batch() | {"caption": torch.tensor([[0, 1], [1, 0], [2, 3], [3, 2], [4, 5], [5, 4]])}
    torch.manual_seed(3)
    _, logs = objective.loss(given)  # images 0 and 1 have the same captions, whichever is drawn
    assert 0 <= logs["accuracy"].item() <= 1
    torch.manual_seed(3)
    row = given["caption"].gather(1, torch.randint(2, (6, 1)))[:, 0]
    assert (row[:2] < 2).all()


def test_gradients_reach_what_learns_and_nothing_else() -> None:
    objective = small([0, 1, 2, 3, 4, 5], frozen=True)
    loss, _ = objective.loss(batch())
    loss.backward()
    for name, parameter in objective.network.named_parameters():
        assert (parameter.grad is None) == name.startswith("image."), name


def test_the_scale_stays_at_100_or_below() -> None:
    objective = small([0, 1, 2, 3, 4, 5])
    with torch.no_grad():
        objective.network.log_scale.fill_(10)
    objective.phases()[0].project()
    assert objective.network.scale.item() == pytest.approx(100, rel=1e-4)


def test_features_are_drawn_from_views_while_training_alone() -> None:
    objective = small([0, 1, 2, 3, 4, 5])
    features = torch.randn(6, 2, 5)
    given = {"features": features, "caption": torch.arange(6)[:, None]}
    objective.eval()
    seen = objective.outputs(given)["image"]
    assert torch.equal(seen, objective.network.of_features(features[:, 0]))
    metrics = objective.metrics({"image": seen, "caption": given["caption"]})
    assert not objective.training
    assert 0 <= float(metrics["recall"]) <= 1


def test_thirty_two_pairs_are_learned_by_heart() -> None:
    torch.manual_seed(0)
    tokens = torch.randint(2, 40, (32, 4))
    network = CLIP(nn.Sequential(nn.Flatten(), nn.Linear(48, 64)), 64, TextBag(40, 32), 32, 16)
    objective = Clip(network, list(network.parameters()), tokens, torch.full((32,), 4),
                     torch.arange(32))  # fmt: skip
    given = {"image": torch.rand(32, 3, 4, 4), "caption": torch.arange(32)[:, None]}
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    for _ in range(60):
        optimizer.zero_grad()
        loss, logs = objective.loss(given)
        loss.backward()
        optimizer.step()
    assert logs["accuracy"].item() > 0.95
    assert loss.item() < 0.2


@pytest.mark.parametrize("is_features", [False, True])
def test_a_step_does_not_wait_for_the_device(is_features: bool, no_waiting: Guard) -> None:
    objective = small([0, 0, 1, 1, 1, 2], frozen=is_features)
    given = batch()
    if is_features:
        given = {"features": torch.randn(6, 2, 5), "caption": given["caption"]}
    with no_waiting():
        loss, _ = objective.loss(given)
        loss.backward()
        objective.phases()[0].project()
