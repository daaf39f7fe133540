"""Receptive fields by formula and by gradient."""

import torch
from torch import nn

from handloom.foundations.receptive_field import Slide, receptive_field, seen
from handloom.models.summary import layer_table


def test_the_formula_is_what_gradients_reach() -> None:
    stack = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Conv2d(4, 4, 3, stride=2), nn.AvgPool2d(2),
        nn.Conv2d(4, 4, 3),
    )  # fmt: skip
    field = receptive_field([Slide(3), Slide(3, 2), Slide(2, 2), Slide(3)])
    pixels = seen(stack, torch.rand(1, 1, 41, 41))
    rows, columns = pixels.any(1).sum().item(), pixels.any(0).sum().item()
    assert (rows, columns) == (field, field)
    assert layer_table(stack, torch.rand(1, 1, 41, 41))[-1].receptive_field == field


def test_two_of_3x3_see_one_of_5x5() -> None:
    assert receptive_field([Slide(3), Slide(3)]) == receptive_field([Slide(5)]) == 5
