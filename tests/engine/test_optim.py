"""The optimizers equal torch's own, fused."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from handloom.engine.lbfgs import LBFGS
from handloom.engine.loop import Fit
from handloom.engine.optim import SGD, Adam, Optimizer, ParameterGroup
from handloom.engine.schedule import hold_then_fall, scheduled_lr
from tests.engine.toys import classifier

Reference = Callable[[list[nn.Parameter]], torch.optim.Optimizer]
Mine = Callable[[list[nn.Parameter]], Optimizer]


def parameters() -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(6, 3, 3, 3, generator=generator)
    return [
        nn.Parameter(weight.to(memory_format=torch.channels_last)),
        nn.Parameter(torch.randn(10, 7, generator=generator)),
        nn.Parameter(torch.randn(7, generator=generator)),
    ]


def gradients(step: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(100 + step)
    return [torch.randn(p.shape, generator=generator) for p in parameters()]


def torch_adamw(tensors: list[nn.Parameter]) -> torch.optim.Optimizer:
    groups = [
        {"params": [p for p in tensors if p.ndim >= 2], "weight_decay": 0.1},
        {"params": [p for p in tensors if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.01, fused=True)


CASES: dict[str, tuple[Mine, Reference]] = {
    "sgd": (lambda p: SGD(p, 0.1), lambda p: torch.optim.SGD(p, 0.1, fused=True)),
    "momentum": (
        lambda p: SGD(p, 0.1, 0.9, weight_decay=1e-2),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=1e-2, fused=True),
    ),
    "nesterov": (
        lambda p: SGD(p, 0.1, 0.9, True, 1e-2),
        lambda p: torch.optim.SGD(p, 0.1, 0.9, weight_decay=1e-2, nesterov=True, fused=True),
    ),
    "sgd, biases without decay": (
        lambda p: SGD(p, 0.1, 0.9, True, 1e-2, no_decay_on_1d=True),
        lambda p: torch.optim.SGD(
            [
                {"params": [q for q in p if q.ndim >= 2], "weight_decay": 1e-2},
                {"params": [q for q in p if q.ndim < 2], "weight_decay": 0.0},
            ],
            0.1,
            0.9,
            nesterov=True,
            fused=True,
        ),
    ),
    "adam": (
        lambda p: Adam(p, 0.01, (0.8, 0.99), weight_decay=0.1),
        lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.99), weight_decay=0.1, fused=True),
    ),
    "adamw": (lambda p: Adam(p, 0.01, weight_decay=0.1, decoupled=True), torch_adamw),
}


@pytest.mark.parametrize("name", CASES)
def test_equals_torch_over_20_steps_of_a_changing_lr(name: str) -> None:
    make_mine, make_torch = CASES[name]
    mine, theirs = parameters(), parameters()
    ours, reference = make_mine(mine), make_torch(theirs)
    for step in range(20):
        factor = 1 / (1 + step)
        ours.lr.fill_(ours.initial_lrs[0] * factor)
        for group in reference.param_groups:
            group["lr"] = torch.tensor(ours.initial_lrs[0] * factor)  # float32, as ours is
        for p, q, gradient in zip(mine, theirs, gradients(step), strict=True):
            p.grad, q.grad = gradient.clone(), gradient.clone()
            if p.ndim == 4:  # as autograd lays it out
                p.grad = gradient.to(memory_format=torch.channels_last)
                q.grad = gradient.to(memory_format=torch.channels_last)
        ours.step(lambda: torch.zeros(()))
        reference.step()
    for p, q in zip(mine, theirs, strict=True):
        assert torch.equal(p, q)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("most", [0.5, 1e6])  # gradients have a norm of about 15
def test_clipping_equals_torch(name: str, most: float) -> None:
    make_mine, make_torch = CASES[name]
    mine, theirs = parameters(), parameters()
    ours, reference = make_mine(mine), make_torch(theirs)
    for step in range(5):
        for p, q, gradient in zip(mine, theirs, gradients(step), strict=True):
            p.grad, q.grad = gradient.clone(), gradient.clone()
            if p.ndim == 4:
                p.grad = gradient.to(memory_format=torch.channels_last)
                q.grad = gradient.to(memory_format=torch.channels_last)

        def closure() -> Tensor:
            ours.clip(most)
            return torch.zeros(())

        ours.step(closure)
        torch.nn.utils.clip_grad_norm_(theirs, most)
        reference.step()
    for p, q in zip(mine, theirs, strict=True):
        torch.testing.assert_close(p, q, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_state_goes_on_in_a_fresh_optimizer(name: str) -> None:
    make, _ = CASES[name]
    first, second = parameters(), parameters()
    one, other = make(first), make(second)

    def go(optimizer: Optimizer, tensors: list[nn.Parameter], step: int) -> None:
        for p, gradient in zip(tensors, gradients(step), strict=True):
            p.grad = gradient.contiguous(
                memory_format=torch.channels_last if p.ndim == 4 else torch.contiguous_format
            )
        optimizer.step(lambda: torch.zeros(()))

    for step in range(4):
        go(one, first, step)
    with torch.no_grad():
        for p, q in zip(first, second, strict=True):
            q.copy_(p)
    other.load({name: tensor.clone() for name, tensor in one.state().items()})
    for step in range(4, 8):
        go(one, first, step)
        go(other, second, step)
    assert all(torch.equal(p, q) for p, q in zip(first, second, strict=True))


def test_state_keeps_the_layout_of_the_weights() -> None:
    weight = parameters()[0]
    assert SGD([weight], 0.1, 0.9).velocity[0].stride() == weight.stride()
    assert Adam([weight], 0.1).mean[0].stride() == weight.stride()


def test_zero_grad_forgets_instead_of_zeroing() -> None:
    weight = parameters()[1]
    weight.grad = torch.ones_like(weight)
    SGD([weight], 0.1).zero_grad()
    assert weight.grad is None


@pytest.mark.parametrize("name", CASES)
def test_skipping_and_unscaling_equal_torch(name: str) -> None:
    """found_inf leaves parameters, state and counts as they are; grad_scale divides gradients."""
    make_mine, make_torch = CASES[name]
    mine, theirs = parameters(), parameters()
    ours, reference = make_mine(mine), make_torch(theirs)
    for step, skip in enumerate((False, True, False, True, True, False)):
        scale, found_inf = torch.tensor(2.0 + step), torch.tensor(float(skip))
        before = [p.detach().clone() for p in mine]
        for p, q, gradient in zip(mine, theirs, gradients(step), strict=True):
            p.grad = (scale * gradient).contiguous(memory_format=layout(p))
            q.grad = p.grad.clone(memory_format=torch.preserve_format)
        ours.grad_scale, ours.found_inf = scale, found_inf
        reference.grad_scale, reference.found_inf = scale, found_inf  # type: ignore[attr-defined]
        ours.step(lambda: torch.zeros(()))
        reference.step()
        moved = [not torch.equal(p, b) for p, b in zip(mine, before, strict=True)]
        assert moved == [not skip] * len(mine)
    assert all(torch.equal(p, q) for p, q in zip(mine, theirs, strict=True))


def layout(tensor: Tensor) -> torch.memory_format:
    return torch.channels_last if tensor.ndim == 4 else torch.contiguous_format


GROUPED: dict[str, tuple[Callable[[list[ParameterGroup]], Optimizer], type]] = {
    "sgd": (lambda groups: SGD(groups, 0.1, 0.9, weight_decay=0.01), torch.optim.SGD),
    "adamw": (
        lambda groups: Adam(groups, 0.1, weight_decay=0.01, decoupled=True),
        torch.optim.AdamW,
    ),
}


@pytest.mark.parametrize("name", GROUPED)
def test_groups_have_a_learning_rate_and_a_decay_of_their_own(name: str) -> None:
    make, kind = GROUPED[name]
    mine, theirs = parameters()[:2], parameters()[:2]
    backbone, head = ParameterGroup(mine[:1], lr=0.01, weight_decay=0.0), ParameterGroup(mine[1:])
    ours = make([backbone, head])
    momentum = {"momentum": 0.9} if kind is torch.optim.SGD else {}
    reference = kind(
        [{"params": theirs[:1], "lr": 0.01, "weight_decay": 0.0}, {"params": theirs[1:]}],
        lr=0.1,
        weight_decay=0.01,
        fused=True,
        **momentum,
    )
    schedule = hold_then_fall()
    scheduled = scheduled_lr(ours, schedule)
    for step in range(10):
        for value in scheduled:
            value.update(step / 10)
        for group, highest in zip(reference.param_groups, (0.01, 0.1), strict=True):
            group["lr"] = torch.tensor(highest * schedule(step / 10))
        for p, q, gradient in zip(mine, theirs, gradients(step), strict=False):
            p.grad, q.grad = (gradient.contiguous(memory_format=layout(p)) for _ in range(2))
        ours.step(lambda: torch.zeros(()))
        reference.step()
    assert all(torch.equal(p, q) for p, q in zip(mine, theirs, strict=True))


def test_groups_are_part_of_a_checkpoint() -> None:
    def build() -> Optimizer:
        weights = parameters()
        return SGD([ParameterGroup(weights[:1], lr=0.01), ParameterGroup(weights[1:])], 0.1, 0.9)

    saved, fresh = build(), build()
    for lr in saved.lrs:
        lr.mul_(0.5)
    fresh.load({name: tensor.clone() for name, tensor in saved.state().items()})
    assert [lr.item() for lr in fresh.lrs] == pytest.approx([0.005, 0.05])
    assert len(fresh.state()) == 2 + 3


def test_a_run_with_groups_trains() -> None:
    built = classifier(2)
    *backbone, weight, bias = built.objective.phases()[0].parameters
    optimizer = SGD([ParameterGroup(backbone, lr=0.0), ParameterGroup([weight, bias])], 0.05, 0.9)
    built.optimizers = {"network": optimizer}
    built.scheduled = scheduled_lr(optimizer, hold_then_fall())
    before = [p.detach().clone() for p in (*backbone, weight)]
    Fit(built).run()
    same = [torch.equal(p, b) for p, b in zip((*backbone, weight), before, strict=True)]
    assert same == [True] * len(backbone) + [False]


def test_no_compiler_is_imported() -> None:
    """It would cost a second or two at every command that trains."""
    code = (
        "import sys, torch; from torch import nn; from handloom.engine.optim import SGD, Adam\n"
        "for kind in (SGD, Adam):\n"
        "    weight = nn.Parameter(torch.ones(3)); weight.grad = torch.ones(3)\n"
        "    kind([weight], 0.1).step(lambda: torch.zeros(()))\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_quasi_newton_step_heeds_the_learning_rate() -> None:
    """The loop's scheduled write into `lr`, whatever the optimizer."""
    weight = nn.Parameter(torch.ones(3))
    optimizer = LBFGS([weight], lr=1.0)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = (weight**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    for _ in range(2):  # the first step has a length of its own
        optimizer.step(closure)
    before = weight.detach().clone()
    optimizer.lr.zero_()
    optimizer.step(closure)
    assert torch.equal(weight, before)
    optimizer.lr.fill_(1.0)
    optimizer.step(closure)
    assert weight.abs().max() < 1e-3
