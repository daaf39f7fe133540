"""Vectors of sentences: what is pooled, and that padding does not count."""

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from handloom.models.text.sentence import SentenceBackbone, SentenceClassifier, SentencePooling


class States(nn.Module):
    """The state of a token is two numbers: itself, and 1."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> SimpleNamespace:
        states = torch.stack([input_ids.float(), torch.ones(input_ids.shape)], 2)
        return SimpleNamespace(last_hidden_state=states)


TOKENS, LENGTH = torch.tensor([[3, 5, 1, 0], [2, 0, 0, 0]]), torch.tensor([3, 1])


@pytest.mark.parametrize(("pooling", "first"), [("mean", 3.0), ("cls", 3.0), ("max", 5.0)])
def test_pooling(pooling: SentencePooling, first: float) -> None:
    vector = SentenceBackbone(States(), pooling, normalize=False)(TOKENS, LENGTH)
    assert vector.tolist() == [[first, 1.0], [2.0, 1.0]]
    wider = nn.functional.pad(TOKENS, (0, 3))
    assert SentenceBackbone(States(), pooling, False)(wider, LENGTH).equal(vector)


def test_vectors_of_length_one_and_a_head() -> None:
    network = SentenceClassifier(SentenceBackbone(States(), "mean", normalize=True), 2, 3)
    vector = network.backbone(TOKENS, LENGTH)
    torch.testing.assert_close(vector.norm(dim=1), torch.ones(2))
    torch.testing.assert_close(network(TOKENS, LENGTH), network.head(vector))
    assert not network.train().backbone.training
