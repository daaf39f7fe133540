"""A network of three layers, 5 inputs, 3 hidden units and 1 output, trained by hand.

Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors". For N
examples x (N, 5) with targets t (N, 1):

    forward     h = s(x W1 + b1)                 s(a) = 1 / (1 + exp(-a)), so s' = s (1 - s)
                y = s(h W2 + b2)
    error       E = 1/2 sum (y - t)^2
    backward    d2 = dE/d(h W2 + b2) = (y - t) y (1 - y)          (N, 1)
                d1 = dE/d(x W1 + b1) = (d2 W2^T) h (1 - h)        (N, 3)
                dE/dW2 = h^T d2        dE/db2 = sum of d2 over the examples
                dE/dW1 = x^T d1        dE/db1 = sum of d1 over the examples
    update      every parameter minus lr times its gradient

A listing that is copied a lot has `b1 -= lr * np.sum(d1)`: it sums over the hidden units as well,
so that every unit's bias moves by the sum of all their gradients. Each unit has a bias of its own,
and a gradient of its own: the sum goes over the examples alone, `d1.sum(0)`. The network learns
with the mistake too, which is why nobody notices; the test shows the difference.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Parameters:
    """W1 (5, 3), b1 (3,), W2 (3, 1), b2 (1,); or a gradient of each."""

    W1: Tensor
    b1: Tensor
    W2: Tensor
    b2: Tensor


@dataclass
class Activations:
    """What the forward pass computes, and the backward pass needs: h (N, 3), y (N, 1)."""

    h: Tensor
    y: Tensor


def initial(generator: torch.Generator, inputs: int = 5, hidden: int = 3) -> Parameters:
    """Random weights and no biases. Equal weights would stay equal: all units would be one."""
    W1 = torch.randn(inputs, hidden, generator=generator) / inputs**0.5
    W2 = torch.randn(hidden, 1, generator=generator) / hidden**0.5
    return Parameters(W1, torch.zeros(hidden), W2, torch.zeros(1))


def sigmoid(a: Tensor) -> Tensor:
    """1 / (1 + exp(-a)), from any number to (0, 1)."""
    return 1 / (1 + torch.exp(-a))


def forward(x: Tensor, p: Parameters) -> Activations:
    """The network's answers to x (N, 5)."""
    h = sigmoid(x @ p.W1 + p.b1)  # (N, 3)
    y = sigmoid(h @ p.W2 + p.b2)  # (N, 1)
    return Activations(h, y)


def error(y: Tensor, t: Tensor) -> Tensor:
    """Half the sum of squared errors; the half goes away in the gradient."""
    return 0.5 * (y - t).square().sum()


def backward(x: Tensor, t: Tensor, p: Parameters, a: Activations) -> Parameters:
    """The gradient of the error in every parameter, by the chain rule, from the last layer back."""
    d2 = (a.y - t) * a.y * (1 - a.y)  # (N, 1)
    d1 = (d2 @ p.W2.T) * a.h * (1 - a.h)  # (N, 3)
    return Parameters(W1=x.T @ d1, b1=d1.sum(0), W2=a.h.T @ d2, b2=d2.sum(0))


def update(p: Parameters, gradient: Parameters, lr: float) -> Parameters:
    """A step against the gradient."""
    return Parameters(
        p.W1 - lr * gradient.W1,
        p.b1 - lr * gradient.b1,
        p.W2 - lr * gradient.W2,
        p.b2 - lr * gradient.b2,
    )


def train(
    x: Tensor, t: Tensor, p: Parameters, lr: float, steps: int
) -> tuple[Parameters, list[float]]:
    """Parameters after so many steps over all examples, and the error before each."""
    errors = []
    for _ in range(steps):
        a = forward(x, p)
        errors.append(error(a.y, t).item())
        p = update(p, backward(x, t, p, a), lr)
    return p, errors
