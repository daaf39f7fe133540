"""One update: gradients, micro-batches, clipping, autocast, and what is refused."""

import pytest
import torch
from torch import nn

from handloom.engine.loop import Experiment, Fit
from handloom.engine.objective import Batch, Phase, finite
from handloom.engine.optim import SGD
from handloom.engine.precision import Precision
from handloom.engine.step import TrainStep
from handloom.errors import UserError
from handloom.objectives.classification import Classification
from tests.engine.toys import CPU, FLOAT32, classifier, images

NATIVE = Precision.resolve(CPU).dtype is not None


def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 4))


def step_of(
    network: nn.Module,
    clip: float | None = None,
    grad_accum_steps: int = 1,
    precision: Precision = FLOAT32,
) -> TrainStep:
    phase = Classification(network).phases()[0]
    optimizer = SGD(list(network.parameters()), 0.5)
    return TrainStep(phase, optimizer, precision, clip, grad_accum_steps)


def first(batch: int = 16) -> Batch:
    return next(iter(images(batch=batch).batches(0)))


@pytest.mark.parametrize("count", [2, 3, 5, 16])  # 3 and 5 do not divide 16
def test_micro_batches_are_the_full_batch(count: int) -> None:
    whole, pieces = step_of(linear()), step_of(linear(), grad_accum_steps=count)
    for _ in range(3):
        whole(first())
        pieces(first())
    for p, q in zip(whole.optimizer.parameters, pieces.optimizer.parameters, strict=True):
        torch.testing.assert_close(p, q, rtol=1e-5, atol=1e-6)
    assert pieces.means() == pytest.approx(whole.means(), rel=1e-5)


def test_more_micro_batches_than_rows_are_refused() -> None:
    with pytest.raises(UserError, match=r"--grad-accum-steps 17: a batch has 16 examples, and"):
        classifier(grad_accum_steps=17)


def test_clipping_bounds_the_gradient() -> None:
    free, bounded = step_of(linear()), step_of(linear(), clip=0.01)
    before = [p.detach().clone() for p in bounded.optimizer.parameters]
    free(first())
    bounded(first())
    moved = [(p - b).norm() for p, b in zip(bounded.optimizer.parameters, before, strict=True)]
    assert torch.stack(moved).norm().item() == pytest.approx(0.5 * 0.01, rel=1e-3)
    norms = [p.grad.norm() for p in free.optimizer.parameters if p.grad is not None]
    assert torch.stack(norms).norm() > 0.01


def test_gradients_are_fresh_at_every_step() -> None:
    step = step_of(linear())
    step.optimizer.lr.zero_()
    step(first())
    once = [p.grad.clone() for p in step.optimizer.parameters if p.grad is not None]
    step(first())
    again = [p.grad for p in step.optimizer.parameters if p.grad is not None]
    assert all(torch.equal(a, b) for a, b in zip(once, again, strict=True))


@pytest.mark.skipif(not NATIVE, reason="this CPU does not multiply bfloat16 natively")
def test_autocast_computes_in_bfloat16_and_learns_in_float32() -> None:
    seen: list[torch.dtype] = []
    network = linear()
    network.register_forward_hook(lambda module, given, found: seen.append(found.dtype))
    step = step_of(network, precision=Precision.resolve(CPU))
    step(first())
    assert seen == [torch.bfloat16]
    grads = [p.grad.dtype for p in step.optimizer.parameters if p.grad is not None]
    assert grads == [torch.float32, torch.float32]
    assert not torch.is_autocast_enabled("cpu")


def test_float32_on_request() -> None:
    assert Precision.resolve(CPU, "float32").dtype is None
    assert Precision.resolve(CPU, "bfloat16").name == "bfloat16"


def test_a_parameter_the_loss_does_not_reach_is_named() -> None:
    network = linear()
    network.register_parameter("idle", nn.Parameter(torch.zeros(2)))
    with pytest.raises(ValueError, match=r"'network' does not depend on 1 of its 3 parameters"):
        step_of(network)(first())


def experiment(network: nn.Module, optimized: list[nn.Parameter]) -> Experiment:
    objective = Classification(network)
    return Experiment(
        objective, images(), {"network": SGD(optimized, 0.1)}, 1, {"network": network}, FLOAT32
    )


def test_frozen_parameters_are_left_out() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.Linear(8, 4))
    network[1].requires_grad_(False)
    frozen = network[1].weight.detach().clone()
    Fit(experiment(network, [p for p in network.parameters() if p.requires_grad])).run()
    assert torch.equal(network[1].weight, frozen)
    assert network[1].weight.grad is None


def test_what_cannot_be_trained_is_refused_at_build_time() -> None:
    network = linear()
    with pytest.raises(ValueError, match="does not hold exactly its parameters"):
        Fit(experiment(network, list(network.parameters())[:1]))
    parameters = list(network.parameters())
    network.requires_grad_(False)
    with pytest.raises(ValueError, match="no parameter that can be trained"):
        Fit(experiment(network, parameters))


def test_a_metric_that_is_not_there_is_named_before_it_is_missed() -> None:
    built = classifier(epochs=1)
    built.monitor = "valid/acuracy"
    with pytest.raises(ValueError, match=r"no metric 'valid/acuracy' in .*'valid/accuracy'"):
        Fit(built).run()


def test_means_are_of_the_epoch_alone() -> None:
    step = step_of(linear())
    assert step.means() == {}
    losses = []
    for batch in images().batches(0):
        loss, _ = step.phase.loss(batch)
        losses.append(loss.item())
        step(batch)
    assert step.means()["loss"] == pytest.approx(sum(losses) / len(losses), rel=1e-5)
    step.clear()
    assert step.means() == {}


def test_only_what_is_finite_is_finite() -> None:
    good = [torch.ones(3), torch.arange(3), torch.tensor(3e38), torch.zeros(0)]
    assert finite(good)
    assert finite([])
    for bad in (float("nan"), float("inf"), -float("inf")):
        assert not finite([*good, torch.tensor([1.0, bad])])


def test_phases_are_found_by_name() -> None:
    phase = Phase("a", lambda batch: (torch.zeros(()), {}), [])
    assert phase.project() is None  # type: ignore[func-returns-value]
