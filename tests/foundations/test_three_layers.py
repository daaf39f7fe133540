"""The network trained by hand: beside autograd, beside NumPy, and what the popular listing does."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor

from handloom.foundations.three_layers import (
    Parameters,
    backward,
    error,
    forward,
    initial,
    train,
)


@pytest.fixture
def problem() -> tuple[Tensor, Tensor, Parameters]:
    """Eight examples: is there an odd number of ones among the first two inputs?"""
    generator = torch.Generator().manual_seed(1)
    x = torch.randint(0, 2, (8, 5), generator=generator).float()
    t = (x[:, :1] != x[:, 1:2]).float()
    return x, t, initial(generator)


def test_gradients_are_autograds(problem: tuple[Tensor, Tensor, Parameters]) -> None:
    x, t, p = problem
    gradient = backward(x, t, p, forward(x, p))
    for tensor in vars(p).values():
        tensor.requires_grad_()
    error(forward(x, p).y, t).backward()
    for name, tensor in vars(p).items():
        torch.testing.assert_close(vars(gradient)[name], tensor.grad, msg=name)


def numpy_errors(x: Tensor, t: Tensor, p: Parameters, steps: int, is_listing: bool) -> list[float]:
    """The same in NumPy; is_listing: with the hidden bias as the popular listing has it."""
    W1, b1, W2, b2 = (tensor.numpy().astype(np.float64) for tensor in vars(p).values())
    X, T, errors = x.numpy().astype(np.float64), t.numpy().astype(np.float64), []
    for _ in range(steps):
        h = 1 / (1 + np.exp(-(X @ W1 + b1)))
        y = 1 / (1 + np.exp(-(h @ W2 + b2)))
        errors.append(0.5 * ((y - T) ** 2).sum())
        d2 = (y - T) * y * (1 - y)
        d1 = (d2 @ W2.T) * h * (1 - h)
        W2, b2 = W2 - 0.5 * h.T @ d2, b2 - 0.5 * d2.sum(0)
        W1 = W1 - 0.5 * X.T @ d1
        b1 = b1 - 0.5 * (np.sum(d1) if is_listing else d1.sum(0))
    return errors


def test_numbers_are_numpys(problem: tuple[Tensor, Tensor, Parameters]) -> None:
    x, t, p = problem
    expected = numpy_errors(x, t, copy.deepcopy(p), 200, is_listing=False)
    assert train(x, t, p, 0.5, 200)[1] == pytest.approx(expected, rel=1e-4)


def test_it_learns(problem: tuple[Tensor, Tensor, Parameters]) -> None:
    x, t, p = problem
    learned, errors = train(x, t, p, 1.0, 3000)
    assert errors[-1] < 0.05 * errors[0]
    assert torch.equal((forward(x, learned).y > 0.5).float(), t)


def test_the_popular_listing_is_wrong_in_the_hidden_bias(
    problem: tuple[Tensor, Tensor, Parameters],
) -> None:
    """It moves every hidden bias by the sum over all units: not one of the gradients."""
    x, t, p = problem
    gradient = backward(x, t, p, forward(x, p))
    listing = gradient.b1.sum().expand(3)
    assert not torch.isclose(listing, gradient.b1, rtol=0.1).any()
    right, wrong = (numpy_errors(x, t, p, 200, is_listing) for is_listing in (False, True))
    assert wrong[0] == right[0]
    assert wrong[-1] != pytest.approx(right[-1], rel=0.01)  # it learns all the same
