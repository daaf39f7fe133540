"""Linear layers in a row: what they compute, and how a label joins the input."""

import torch
from torch import nn
from torch.nn import functional as F

from handloom.models.layers.linear_stack import Stack


def test_is_its_layers_with_the_activation_between() -> None:
    torch.manual_seed(0)
    stack, given = Stack((4, 8, 6, 2)), torch.randn(3, 4)
    plain = nn.Sequential(stack.layers[0], nn.ReLU(), stack.layers[1], nn.ReLU(), stack.layers[2])
    assert torch.equal(stack(given), plain(given))


def test_a_label_is_a_one_hot_input() -> None:
    torch.manual_seed(0)
    stack = Stack((4, 8, 2), "silu", classes=3)
    given, label = torch.randn(3, 4), torch.tensor([2, 0, 1])
    assert stack.label is not None
    weight = torch.cat([stack.layers[0].weight, stack.label.weight.t()], 1)  # (8, 4 + 3)
    both = torch.cat([given, F.one_hot(label, 3).float()], 1)
    hidden = F.silu(F.linear(both, weight, stack.layers[0].bias))
    torch.testing.assert_close(stack(given, label), stack.layers[1](hidden))
