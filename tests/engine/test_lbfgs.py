"""L-BFGS with one evaluation a step."""

import torch
from torch import Tensor, nn

from handloom.engine.lbfgs import LBFGS


def run(parameter: nn.Parameter, optimizer: LBFGS, loss: object, steps: int) -> list[float]:
    found = []

    def closure() -> Tensor:
        parameter.grad = None
        value: Tensor = loss(parameter)  # type: ignore[operator]
        value.backward()
        return value.detach()

    for _ in range(steps):
        found.append(float(optimizer.step(closure)))
    return found


def rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def test_reaches_the_minimum_of_a_curved_valley() -> None:
    parameter = nn.Parameter(torch.full((6,), -0.5))
    optimizer = LBFGS([parameter], history=8, first_change=0.1)
    run(parameter, optimizer, rosenbrock, 150)
    torch.testing.assert_close(optimizer.settled[0], torch.ones(6), atol=1e-2, rtol=0)


def test_settled_is_the_best_point_seen() -> None:
    parameter = nn.Parameter(torch.full((6,), -0.5))
    optimizer = LBFGS([parameter], history=5, first_change=1.0)
    for _ in range(30):
        losses = run(parameter, optimizer, rosenbrock, 1)
        assert rosenbrock(optimizer.settled[0]) <= losses[0] * 1.0001 or optimizer.counts[2] > 0
    assert rosenbrock(optimizer.settled[0]) < 10


def test_a_restored_state_goes_on_to_the_bit() -> None:
    parameter = nn.Parameter(torch.full((6,), -0.5))
    optimizer = LBFGS([parameter], history=4)
    run(parameter, optimizer, rosenbrock, 11)
    saved = {name: tensor.clone() for name, tensor in optimizer.state().items()}
    copied = nn.Parameter(parameter.detach().clone())
    expected = run(parameter, optimizer, rosenbrock, 10)
    other = LBFGS([copied], history=4)
    other.load(saved)
    assert run(copied, other, rosenbrock, 10) == expected
    assert torch.equal(parameter, copied)


def test_a_projection_between_steps_is_allowed() -> None:
    parameter = nn.Parameter(torch.full((4,), 0.5))
    target = torch.tensor([-1.0, 0.25, 0.75, 2.0])
    optimizer = LBFGS([parameter])
    for _ in range(40):
        run(parameter, optimizer, lambda x: ((x - target) ** 2).sum(), 1)
        with torch.no_grad():
            parameter.clamp_(0, 1)
    torch.testing.assert_close(parameter.data, target.clamp(0, 1), atol=1e-3, rtol=0)


def test_several_tensors_move_as_one() -> None:
    whole = nn.Parameter(torch.full((6,), -0.5))
    run(whole, LBFGS([whole], history=4), rosenbrock, 40)
    parts = [nn.Parameter(torch.full((2, 2), -0.5)), nn.Parameter(torch.full((2,), -0.5))]
    optimizer = LBFGS(parts, history=4)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = rosenbrock(torch.cat([part.flatten() for part in parts]))
        loss.backward()
        return loss.detach()

    for _ in range(40):
        optimizer.step(closure)
    assert torch.equal(torch.cat([part.detach().flatten() for part in parts]), whole)
    assert [part.shape for part in optimizer.settled] == [(2, 2), (2,)]
