"""Losses of both networks by hand, and the gradient penalty by differences."""

import math

import pytest
import torch
from torch import Tensor, nn

from handloom.models.generative.dcgan import DCGANDiscriminator
from handloom.objectives.adversarial import CRITERIA, gradient_penalty

REAL, FAKE = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])


def test_a_hinge_score_is_logged_as_certain_from_its_margin_on() -> None:
    shown = CRITERIA["hinge"].logged(torch.tensor([-3.0, -1.0, 0.0, 0.5, 1.0, 2.0]))
    assert shown.tolist() == [0.0, 0.0, 0.5, 0.75, 1.0, 1.0]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize(
    ("name", "discriminator", "generator"),
    [
        (
            "minimax",
            -(math.log(sigmoid(2)) + math.log(sigmoid(-1))) / 2
            - (math.log(1 - sigmoid(0.5)) + math.log(1 - sigmoid(-3))) / 2,
            -(math.log(sigmoid(0.5)) + math.log(sigmoid(-3))) / 2,
        ),
        ("least-squares", (1 + 4) / 4 + (0.25 + 9) / 4, (0.25 + 16) / 4),
        ("hinge", (0 + 2) / 2 + (1.5 + 0) / 2, 1.25),
        ("wasserstein", -1.25 - 0.5, 1.25),
    ],
)
def test_criteria(name: str, discriminator: float, generator: float) -> None:
    criterion = CRITERIA[name]
    assert criterion.discriminator(REAL, FAKE).item() == pytest.approx(discriminator, abs=1e-6)
    assert criterion.generator(FAKE).item() == pytest.approx(generator, abs=1e-6)


def test_gradient_penalty_of_a_linear_discriminator() -> None:
    class Linear(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.slope = nn.Parameter(torch.tensor([3.0, 4.0]))

        def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
            return image.flatten(1) @ self.slope

    discriminator, image = Linear(), torch.rand(5, 2, 1, 1)
    penalty = gradient_penalty(discriminator, image, torch.rand_like(image))
    assert penalty.item() == pytest.approx((5 - 1) ** 2, abs=1e-4)  # |(3, 4)| = 5 everywhere
    (slope,) = torch.autograd.grad(penalty, discriminator.slope)
    torch.testing.assert_close(slope, 2 * (5 - 1) * discriminator.slope.detach() / 5)


def test_gradient_penalty_row_by_row() -> None:
    torch.manual_seed(0)
    discriminator = DCGANDiscriminator((8, 8, 1), hidden=16, width=4)
    real, fake = torch.rand(2, 4, 1, 8, 8)
    torch.manual_seed(1)
    penalty = gradient_penalty(discriminator, real, fake)
    torch.manual_seed(1)
    between = (fake + torch.rand(4, 1, 1, 1) * (real - fake)).requires_grad_()
    lengths = [
        torch.autograd.grad(discriminator(row).sum(), row)[0].norm() for row in between.split(1)
    ]
    expected = ((torch.stack(lengths) - 1) ** 2).mean()
    torch.testing.assert_close(penalty, expected)
    # Its own gradient, by differences in one weight.
    weight = discriminator.head[-1].weight
    (slope,) = torch.autograd.grad(penalty, weight)
    values = []
    for change in (1e-2, -1e-2):
        with torch.no_grad():
            weight[0, 3] += change
        torch.manual_seed(1)
        values.append(gradient_penalty(discriminator, real, fake).item())
        with torch.no_grad():
            weight[0, 3] -= change
    assert slope[0, 3].item() == pytest.approx((values[0] - values[1]) / 2e-2, rel=0.02, abs=1e-4)
