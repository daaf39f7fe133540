"""Criteria by hand, the listing's step, who gets gradients, one batch of fakes for two turns."""

import math
from collections.abc import Callable
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.loop import Diverged, Experiment, Fit
from handloom.engine.objective import Batch
from handloom.engine.optim import Adam
from handloom.models.generative.dcgan import DCGANDiscriminator, DCGANGenerator
from handloom.models.generative.dense_gan import DenseDiscriminator, DenseGenerator
from handloom.models.generative.prior import Prior
from handloom.models.layers.diff_augment import DiffAugment
from handloom.objectives.adversarial import CRITERIA, Adversarial, gradient_penalty
from tests.engine.conftest import NoWaiting
from tests.engine.toys import FLOAT32, images

REAL, FAKE = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])


def test_a_hinge_discriminator_is_shown_as_sure_from_its_margin_on() -> None:
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
    found = gradient_penalty(discriminator, real, fake)
    torch.manual_seed(1)
    between = (fake + torch.rand(4, 1, 1, 1) * (real - fake)).requires_grad_()
    lengths = [
        torch.autograd.grad(discriminator(row).sum(), row)[0].norm() for row in between.split(1)
    ]
    expected = ((torch.stack(lengths) - 1) ** 2).mean()
    torch.testing.assert_close(found, expected)
    # Its own gradient, by differences in one weight.
    weight = discriminator.head[-1].weight
    (slope,) = torch.autograd.grad(found, weight)
    values = []
    for shift in (1e-2, -1e-2):
        with torch.no_grad():
            weight[0, 3] += shift
        torch.manual_seed(1)
        values.append(gradient_penalty(discriminator, real, fake).item())
        with torch.no_grad():
            weight[0, 3] -= shift
    assert slope[0, 3].item() == pytest.approx((values[0] - values[1]) / 2e-2, rel=0.02, abs=1e-4)


def plain_dense() -> tuple[nn.Module, nn.Module]:
    discriminator = nn.Sequential(
        *(nn.Flatten(), nn.Linear(784, 256), nn.LeakyReLU(0.2)),
        *(nn.Linear(256, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1)),
    )
    generator = nn.Sequential(
        *(nn.Linear(96, 1024), nn.ReLU(True), nn.Linear(1024, 1024), nn.ReLU(True)),
        *(nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))),
    )
    return discriminator, generator


def plain_dcgan() -> tuple[nn.Module, nn.Module]:
    discriminator = nn.Sequential(
        *(nn.Conv2d(1, 32, 5), nn.LeakyReLU(0.01), nn.MaxPool2d(2, 2)),
        *(nn.Conv2d(32, 64, 5), nn.LeakyReLU(0.01), nn.MaxPool2d(2, 2), nn.Flatten()),
        *(nn.Linear(1024, 1024), nn.LeakyReLU(0.01), nn.Linear(1024, 1)),
    )
    generator = nn.Sequential(
        *(nn.Linear(96, 1024), nn.ReLU(True), nn.BatchNorm1d(1024)),
        *(nn.Linear(1024, 6272), nn.ReLU(True), nn.BatchNorm1d(6272)),
        *(nn.Unflatten(1, (128, 7, 7)), nn.ConvTranspose2d(128, 64, 4, 2, padding=1)),
        *(nn.ReLU(True), nn.BatchNorm2d(64), nn.ConvTranspose2d(64, 1, 4, 2, padding=1), nn.Tanh()),
    )
    return discriminator, generator


CASES = {
    "gan": (plain_dense, DenseDiscriminator, DenseGenerator, "minimax"),
    "lsgan": (plain_dense, DenseDiscriminator, DenseGenerator, "least-squares"),
    "dcgan": (plain_dcgan, DCGANDiscriminator, DCGANGenerator, "minimax"),
}


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("case", list(CASES))
def test_one_step_is_the_listings_step(case: str, share: bool) -> None:
    plain, discriminator_kind, generator_kind, criterion = CASES[case]
    torch.manual_seed(0)
    theirs = plain()
    mine = discriminator_kind((28, 28, 1)), generator_kind((28, 28, 1))
    for network, their in zip(mine, theirs, strict=True):
        assert [p.shape for p in network.parameters()] == [p.shape for p in their.parameters()]
        with torch.no_grad():
            for p, q in zip(network.parameters(), their.parameters(), strict=True):
                p.copy_(q)
    source = images(16, 16, 28)
    image = (next(source.batches(0))["image"] - 0.5) / 0.5
    torch.manual_seed(5)
    listing_step(*theirs, image.clone(), least_squares=criterion == "least-squares")
    objective = Adversarial(mine[1], mine[0], Prior(96, "uniform"), criterion, share=share)
    torch.manual_seed(5)
    if share:
        Fit(experiment(objective, source, 3e-4, 0.5)).run()
    else:  # the listing makes its fakes twice from the same noise
        noise = Noise()
        objective.prior = noise
        Fit(experiment(objective, source, 3e-4, 0.5)).run()
    for network, their in zip(mine, theirs, strict=True):
        for p, q in zip(network.parameters(), their.parameters(), strict=True):
            # Adam's first step is 3e-4 by sign: single weights whose gradient is all but zero
            # may go another way.
            assert (p - q).abs().mean() < 1e-6


class Noise(nn.Module):
    """The same latents whenever it is asked."""

    def forward(self, count: int) -> Tensor:
        if not hasattr(self, "kept"):
            self.kept = 2 * torch.rand(count, 96) - 1
        return self.kept


def listing_step(
    discriminator: nn.Module, generator: nn.Module, x: Tensor, least_squares: bool
) -> None:
    """The step of the tutorials, in plain torch."""
    noise = (torch.rand(len(x), 96) - 0.5) / 0.5
    optimizers = [
        torch.optim.Adam(m.parameters(), 3e-4, (0.5, 0.999)) for m in (discriminator, generator)
    ]
    one, zero = torch.ones(len(x), 1), torch.zeros(len(x), 1)
    bce: Callable[[Tensor, Tensor], Tensor] = F.binary_cross_entropy_with_logits
    real, fake = discriminator(x), discriminator(generator(noise))
    loss = (
        0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean()
        if least_squares
        else bce(real, one) + bce(fake, zero)
    )
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    score = discriminator(generator(noise))
    loss = 0.5 * ((score - 1) ** 2).mean() if least_squares else bce(score, one)
    optimizers[1].zero_grad()
    loss.backward()
    optimizers[1].step()


def experiment(
    objective: Adversarial, source: object, lr: float = 1e-3, momentum: float = 0.5, **more: object
) -> Experiment:
    optimizers = {
        phase.name: Adam(phase.parameters, lr, (momentum, 0.999)) for phase in objective.phases()
    }
    return Experiment(objective, source, optimizers, 1, {}, FLOAT32, **more)  # type: ignore[arg-type]


def small(criterion: str = "minimax", classes: int = 0, **more: object) -> Adversarial:
    torch.manual_seed(0)
    generator = DenseGenerator((6, 6, 1), 8, (16,), classes)
    discriminator = DenseDiscriminator((6, 6, 1), (16,), classes=classes)
    return Adversarial(generator, discriminator, Prior(8, "normal"), criterion, **more)  # type: ignore[arg-type]


def batch() -> Batch:
    return next(images(16, 16).batches(0))


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize("criterion", list(CRITERIA))
def test_gradients_only_where_declared(criterion: str, share: bool) -> None:
    objective = small(criterion, share=share)
    for phase in objective.phases():
        loss, _ = phase.loss(batch())
        loss.backward(inputs=phase.parameters)
        others = [q for q in objective.phases() if q.name != phase.name]
        assert all(p.grad is not None for p in phase.parameters)
        assert all(p.grad is None for other in others for p in other.parameters)
        objective.zero_grad()


def test_the_critics_turn_gives_the_generator_nothing() -> None:
    objective = small(share=True)
    loss, _ = objective.discriminator_loss(batch())
    slopes = torch.autograd.grad(loss, list(objective.generator.parameters()), allow_unused=True)
    assert all(slope is None for slope in slopes)


def test_shared_fakes_are_drawn_once_and_forgotten() -> None:
    objective, drawn = small(share=True), 0
    generate = objective.generator.generate

    def counted(latent: Tensor, label: Tensor | None = None) -> Tensor:
        nonlocal drawn
        drawn += 1
        return generate(latent, label)

    objective.generator.generate = counted
    Fit(experiment(objective, images(64, 16))).run()
    assert drawn == 4
    assert objective._fake is None
    with pytest.raises(ValueError, match="n_critic=1"):
        small(share=True, n_critic=2)


def test_statistics_move_once_a_step_and_for_the_generators_turn_alone() -> None:
    for share in (True, False):
        torch.manual_seed(0)
        generator = DCGANGenerator((8, 8, 1), 8, 16, 4)
        discriminator = DCGANDiscriminator((8, 8, 1), 16, 4)
        objective = Adversarial(generator, discriminator, Prior(8), "minimax", share=share)
        Fit(experiment(objective, images(64, 16, 8))).run()
        assert generator.dense[2].num_batches_tracked.item() == 4


def test_n_critic_turns_for_one_of_the_generator() -> None:
    objective = small("wasserstein", n_critic=3)
    fit = Fit(experiment(objective, images(96, 16)))
    calls = {step.phase.name: 0 for step in fit.steps}
    for step in fit.steps:
        update = step.optimizer.step

        def counted(
            closure: object, name: str = step.phase.name, update: object = update
        ) -> Tensor:
            calls[name] += 1
            return update(closure)  # type: ignore[operator,no-any-return]

        step.optimizer.step = counted  # type: ignore[method-assign,assignment]
    fit.run()
    assert calls == {"discriminator": 6, "generator": 2}


@pytest.mark.parametrize("criterion", list(CRITERIA))
@pytest.mark.parametrize("share", [True, False])
def test_a_step_waits_for_nothing(criterion: str, share: bool) -> None:
    objective = small(criterion, 4, ema_decay=0.9, augment=DiffAugment(), share=share)
    fit = Fit(experiment(objective, images(32, 16)))
    given = batch()
    for step in fit.steps:
        step(given)
    with NoWaiting():
        for step in fit.steps:
            step(given)


def test_nan_in_either_player_is_named() -> None:
    # What one player draws the other one is asked about, and both losses are lost in one step.
    for player in ("discriminator", "generator"):
        objective = small()
        with torch.no_grad():
            next(objective.get_submodule(player).parameters()).fill_(torch.nan)
        with pytest.raises(Diverged, match=f"the loss of '{player}'"):
            Fit(experiment(objective, images(32, 16))).run()


def test_conditional_networks_hear_the_label() -> None:
    objective = small(classes=4)
    given = batch()
    other = given | {"label": (given["label"] + 1) % 4}
    for field in ("discriminator_loss", "generator_loss"):
        torch.manual_seed(3)
        first = getattr(objective, field)(given)[0]
        torch.manual_seed(3)
        assert getattr(objective, field)(other)[0] != first
    with pytest.raises(ValueError, match="label"):
        objective.discriminator(given["image"])


def test_the_ema_is_evaluated() -> None:
    class Evaluator:
        def features(self, image: Tensor) -> Tensor:
            return image.flatten(1).mean(1, keepdim=True)

        def metrics(self, features: Tensor) -> dict[str, Tensor]:
            return {"kernel_distance": features.mean()}

    objective = small(ema_decay=0.9, evaluator=Evaluator())
    assert objective.ema is not None
    with torch.no_grad():
        objective.ema.module.body[-1].weight.zero_()
        objective.ema.module.body[-1].bias.fill_(2.0)
    found = objective.outputs({"latent": torch.randn(5, 8)})
    assert found["feature"].shape == (5, 1)
    metrics = objective.metrics(found)
    assert metrics["kernel_distance"].item() == pytest.approx((math.tanh(2) + 1) / 2, abs=1e-6)
    assert not any("evaluator" in name for name in objective.state_dict())


def test_a_pair_learns_where_the_images_lie() -> None:
    objective = small("least-squares", share=True, ema_decay=0.9)
    source = images(64, 16)
    before = away(objective.eval_model, source.fields["image"])
    job = experiment(objective, source, 3e-3)
    job.epochs = 120
    Fit(job).run()
    assert away(objective.eval_model, source.fields["image"]) < 0.6 * before


def away(generator: nn.Module, image: Tensor) -> float:
    """Distance between the mean image drawn and the mean of the data."""
    with torch.no_grad():
        drawn = deepcopy(generator).eval()(torch.randn(200, 8)).mean(0).squeeze()
    return (drawn - image.float().mean(0).squeeze() / 255).norm().item()
