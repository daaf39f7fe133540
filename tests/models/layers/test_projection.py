"""The projection head: its shapes and its size."""

import torch

from handloom.models.layers.projection import Projection


def test_it_is_two_layers_with_a_norm_between_them() -> None:
    head = Projection(12, 20, 8)
    assert head(torch.rand(4, 12)).shape == (4, 8)
    assert sum(p.numel() for p in head.parameters()) == 12 * 20 + 2 * 20 + 20 * 8 + 8
