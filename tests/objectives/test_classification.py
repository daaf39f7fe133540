"""Cross-entropy, accuracy and calibration against torch and arithmetic by hand."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.objectives.classification import Classification


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


def test_rare_classes_weigh_more() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    batch = {"image": torch.rand(6, 3, 2, 2), "label": torch.tensor([0, 1, 2, 0, 0, 1])}
    weight = torch.tensor([1.0, 5.0, 0.5])
    loss, _ = Classification(network, weight=weight).loss(batch)
    each = F.cross_entropy(network(batch["image"]), batch["label"], reduction="none")
    of_label = weight[batch["label"]]
    torch.testing.assert_close(loss, (each * of_label).sum() / of_label.sum())


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


def test_mixup_is_the_loss_of_both_labels_in_their_shares() -> None:
    """With an identity network the loss of a mixture is known in closed form."""
    torch.manual_seed(0)
    image, label = torch.randn(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])
    objective = Classification(nn.Identity(), mixup=0.4, field="features")
    state = torch.get_rng_state()
    loss, _ = objective.loss({"features": image, "label": label})
    torch.set_rng_state(state)
    gamma = torch._standard_gamma(torch.full((2,), 0.4))
    share = gamma[0] / gamma.sum()
    mixed = share * image + (1 - share) * image.flip(0)
    expected = share * F.cross_entropy(mixed, label)
    expected = expected + (1 - share) * F.cross_entropy(mixed, label.flip(0))
    torch.testing.assert_close(loss, expected)
