"""Changes one after another; what only one of them takes reaches it."""

import torch
from torch import nn

from handloom.models.layers.changes import Changes
from handloom.models.layers.photo_augment import PhotoAugment


def test_the_proportions_reach_the_crop_and_nothing_else() -> None:
    image = torch.rand(8, 3, 12, 12)
    steps = Changes(PhotoAugment((6, 6), 0.5), nn.ReLU())
    torch.manual_seed(0)
    stretched = steps(image, torch.full((8,), 2.0))
    torch.manual_seed(0)
    assert stretched.shape == (8, 3, 6, 6)
    assert not stretched.equal(steps(image))
