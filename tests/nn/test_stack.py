"""The one function of linear layers gives what the layers give, and their gradients."""

import pytest
import torch
from torch import Tensor

from handloom.nn.stack import Stack


def plain(stack: Stack, given: Tensor) -> Tensor:
    for i, layer in enumerate(stack.layers):
        given = layer(given if i == 0 else stack.activation(given))
    return given


@pytest.mark.parametrize("autocast", [False, True])
def test_same_answer_and_gradients_as_its_layers(autocast: bool) -> None:
    torch.manual_seed(0)
    stack = Stack((30, 300, 40, 5))  # one layer large, two small
    given = torch.randn(16, 30)
    found = []
    for function in (stack, lambda x: plain(stack, x)):
        x = given.clone().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            answer = function(x)
        loss = (answer.float() ** 2).sum()
        found.append([answer, *torch.autograd.grad(loss, [x, *stack.parameters()])])
    for mine, wanted in zip(*found, strict=True):
        scale = wanted.float().abs().max()
        assert (mine.float() - wanted.float()).abs().max() < (0.05 if autocast else 1e-5) * scale


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
