"""The optimizers equal torch's own, fused."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from handloom.engine.optim import LBFGS, SGD, Adam, Optimizer

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
    "sgd, sparing biases": (
        lambda p: SGD(p, 0.1, 0.9, True, 1e-2, spare=True),
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
def test_equals_torch_over_20_steps_of_a_changing_rate(name: str) -> None:
    make_mine, make_torch = CASES[name]
    mine, theirs = parameters(), parameters()
    ours, reference = make_mine(mine), make_torch(theirs)
    for step in range(20):
        factor = 1 / (1 + step)
        ours.rate.fill_(ours.lr * factor)
        for group in reference.param_groups:
            group["lr"] = torch.tensor(ours.lr * factor)  # float32, as ours is
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


def test_a_quasi_newton_step_heeds_the_rate() -> None:
    """The loop's scheduled write into `rate`, whatever the optimizer."""
    weight = nn.Parameter(torch.ones(3))
    optimizer = LBFGS([weight], lr=1.0)
    optimizer.rate.zero_()

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = (weight**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)
    assert torch.equal(weight, torch.ones(3))
    optimizer.rate.fill_(1.0)
    optimizer.step(closure)
    assert weight.abs().max() < 1e-3
