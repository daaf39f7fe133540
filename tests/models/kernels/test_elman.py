"""The simple recurrence equals torch.nn.RNN, in outputs and in gradients."""

import pytest
import torch

from handloom.models.kernels.elman import elman


@pytest.mark.parametrize("relu", [False, True])
def test_equals_torch_rnn(relu: bool) -> None:
    torch.manual_seed(0)
    rnn = torch.nn.RNN(5, 7, nonlinearity="relu" if relu else "tanh")
    given, first = torch.randn(9, 3, 5, requires_grad=True), torch.randn(1, 3, 7)
    wanted = rnn(given, first)[0]
    weights = torch.randn_like(wanted)
    targets = [given, *rnn.parameters()]
    gradients = torch.autograd.grad((wanted * weights).sum(), targets)

    projected = given @ rnn.weight_ih_l0.t() + rnn.bias_ih_l0 + rnn.bias_hh_l0
    found = elman(projected, rnn.weight_hh_l0.t(), first[0], relu)
    torch.testing.assert_close(found, wanted)
    mine = torch.autograd.grad((found * weights).sum(), targets)
    for a, b in zip(mine, gradients, strict=True):
        torch.testing.assert_close(a, b)


def test_saturated_and_silent_states_are_exact() -> None:
    """H is carried as a sigmoid: no precision may be lost at its ends or near 0."""
    torch.manual_seed(0)
    scale = torch.logspace(-6, 3, 40)[:, None, None]
    projected = torch.randn(40, 4, 16) * scale
    weight, first = torch.randn(16, 16) / 4, torch.randn(4, 16).tanh()
    exact, wanted = first.double(), []
    for given in projected.double():
        exact = (given + exact @ weight.double()).tanh()
        wanted.append(exact)
    torch.testing.assert_close(
        elman(projected, weight, first).double(), torch.stack(wanted), rtol=0, atol=3e-6
    )


def test_gradients_by_differences() -> None:
    projected = torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(3, 3, dtype=torch.float64, requires_grad=True)
    first = torch.randn(2, 3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda p, w: elman(p, w, first), (projected, weight))
