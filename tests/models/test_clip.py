"""Two networks and the space they share."""

import pytest
import torch
from torch import nn

from handloom.models.clip import CLIP
from handloom.models.text.transformer import TextBag


def test_vectors_have_length_1_and_features_are_a_stage_of_images() -> None:
    torch.manual_seed(0)
    network = CLIP(nn.Flatten(), 12, TextBag(9, 8), 8, 5).eval()
    image = torch.rand(3, 3, 2, 2)
    vectors = network(image)
    assert vectors.shape == (3, 5)
    assert torch.equal(vectors, network.of_features(image.flatten(1)))
    texts = network.texts(torch.tensor([[2, 3], [4, 0]]), torch.tensor([2, 1]))
    for each in (vectors, texts):
        assert each.norm(dim=1).tolist() == pytest.approx([1] * len(each), abs=1e-5)
    assert network.scale.item() == pytest.approx(14.2857, abs=1e-3)
