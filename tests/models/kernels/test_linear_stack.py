"""The one function of linear layers gives what the layers give, and their gradients."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from handloom.models.kernels.linear_stack import Stack


def plain(stack: Stack, given: Tensor) -> Tensor:
    for i, layer in enumerate(stack.layers):
        given = layer(given if i == 0 else stack.activation(given))
    return given


def answer_and_gradients(function: Callable[[Tensor], Tensor], autocast: bool) -> list[Tensor]:
    given = torch.randn(16, 30, generator=torch.Generator().manual_seed(0)).requires_grad_()
    stack = function.args[0] if isinstance(function, partial) else function
    assert isinstance(stack, Stack)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        answer = function(given)
    loss = (answer.float() ** 2).sum()
    found = [answer, *torch.autograd.grad(loss, [given, *stack.parameters()])]
    return [tensor.float() for tensor in found]


def error(found: list[Tensor], wanted: list[Tensor]) -> float:
    """The largest, over what is largest in the same tensor."""
    pairs = zip(found, wanted, strict=True)
    return max(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs)


@pytest.mark.parametrize("seed", range(3))
def test_same_answer_and_gradients_as_its_layers(seed: int) -> None:
    torch.manual_seed(seed)
    stack = Stack((30, 300, 60, 5))  # one layer large, two small
    wanted = answer_and_gradients(partial(plain, stack), autocast=False)
    assert error(answer_and_gradients(stack, autocast=False), wanted) < 1e-5
    rounded = error(answer_and_gradients(stack, autocast=True), wanted)
    assert 1e-5 < rounded <= error(answer_and_gradients(partial(plain, stack), True), wanted)


def test_an_input_that_asks_for_no_gradient_gets_none() -> None:
    stack = Stack((4, 8, 2))
    stack(torch.randn(3, 4)).sum().backward()
    assert all(p.grad is not None for p in stack.parameters())


def test_other_activations_and_labels() -> None:
    torch.manual_seed(0)
    stack = Stack((4, 8, 2), "silu", classes=3)
    given, label = torch.randn(3, 4), torch.tensor([0, 1, 2])
    assert stack.label is not None
    with torch.no_grad():
        stack.label.weight.zero_()
    assert torch.allclose(stack(given, label), plain(stack, given))
    assert torch.allclose(Stack((4, 8, 2), classes=3)(given, label), torch.zeros(3, 2), atol=9)
