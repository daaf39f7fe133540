"""Which network each loss trains, one batch of generated images for both phases, and the EMA."""

import math
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from handloom.engine.loop import Diverged, Fit
from handloom.models.generative.dcgan import DCGANDiscriminator, DCGANGenerator
from handloom.models.generative.prior import Prior
from handloom.models.layers.diff_augment import DiffAugment
from handloom.objectives.adversarial import CRITERIA, Adversarial
from tests.engine.conftest import NoWaiting
from tests.engine.toys import images
from tests.objectives.pairs import batch, experiment, small


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


def test_the_discriminators_loss_gives_the_generator_no_gradient() -> None:
    objective = small(share=True)
    loss, _ = objective.discriminator_loss(batch())
    slopes = torch.autograd.grad(loss, list(objective.generator.parameters()), allow_unused=True)
    assert all(slope is None for slope in slopes)


def test_shared_images_are_generated_once_and_forgotten() -> None:
    objective, calls = small(share=True), 0
    generate = objective.generator.generate

    def counted(latent: Tensor, label: Tensor | None = None) -> Tensor:
        nonlocal calls
        calls += 1
        return generate(latent, label)

    objective.generator.generate = counted
    Fit(experiment(objective, images(64, 16))).run()
    assert calls == 4
    assert objective._fake is None
    with pytest.raises(ValueError, match="n_critic=1"):
        small(share=True, n_critic=2)


def test_batch_norm_statistics_move_once_a_step() -> None:
    for share in (True, False):
        torch.manual_seed(0)
        generator = DCGANGenerator((8, 8, 1), 8, 16, 4)
        discriminator = DCGANDiscriminator((8, 8, 1), 16, 4)
        objective = Adversarial(generator, discriminator, Prior(8), "minimax", share=share)
        Fit(experiment(objective, images(64, 16, 8))).run()
        assert generator.dense[2].num_batches_tracked.item() == 4


def test_n_critic_steps_for_one_of_the_generator() -> None:
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


def test_nan_in_either_network_is_named() -> None:
    # The discriminator scores what the generator makes, so both losses are NaN in one step.
    for name in ("discriminator", "generator"):
        objective = small()
        with torch.no_grad():
            next(objective.get_submodule(name).parameters()).fill_(torch.nan)
        with pytest.raises(Diverged, match=f"the loss of '{name}'"):
            Fit(experiment(objective, images(32, 16))).run()


def test_conditional_networks_use_the_label() -> None:
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
    outputs = objective.outputs({"latent": torch.randn(5, 8)})
    assert outputs["feature"].shape == (5, 1)
    metrics = objective.metrics(outputs)
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
    """Distance between the mean generated image and the mean of the data."""
    with torch.no_grad():
        mean = deepcopy(generator).eval()(torch.randn(200, 8)).mean(0).squeeze()
    return (mean - image.float().mean(0).squeeze() / 255).norm().item()
