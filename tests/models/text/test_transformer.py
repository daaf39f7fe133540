"""Texts as vectors: padding cannot change them, and the transformer sees the order of words."""

import pytest
import torch
from torch import nn

from handloom.models.text.transformer import TextBag, TextTransformer


def network(kind: str) -> nn.Module:
    torch.manual_seed(0)
    return (TextTransformer(20, 16, 8) if kind == "transformer" else TextBag(20, 16)).eval()


@pytest.mark.parametrize("kind", ["transformer", "bag"])
def test_padding_changes_nothing(kind: str) -> None:
    net = network(kind)
    tokens, length = torch.tensor([[5, 6, 7, 0], [8, 9, 10, 11]]), torch.tensor([3, 4])
    with torch.no_grad():
        both, alone = net(tokens, length), net(tokens[:1, :3], length[:1])
    assert both.shape == (2, 16)
    assert torch.allclose(both[0], alone[0], atol=1e-5)


def test_order_matters_to_the_transformer_alone() -> None:
    tokens, turned = torch.tensor([[5, 6, 7]]), torch.tensor([[7, 6, 5]])
    length = torch.tensor([3])
    with torch.no_grad():
        bag, transformer = network("bag"), network("transformer")
        assert torch.allclose(bag(tokens, length), bag(turned, length), atol=1e-5)
        assert not torch.allclose(transformer(tokens, length), transformer(turned, length))


def test_sizes() -> None:
    count = sum(p.numel() for p in network("transformer").parameters())
    block = 2 * 32 + (16 * 48 + 48) + (16 * 16 + 16) + (16 * 64 + 64) + (64 * 16 + 16)
    assert count == 20 * 16 + 8 * 16 + 2 * block + 32


def test_whole_words_are_dropped_from_a_bag_while_training() -> None:
    torch.manual_seed(0)
    net = TextBag(20, 16, dropout=0.5).train()
    tokens, length = torch.randint(2, 20, (64, 6)), torch.full((64,), 6)
    assert not torch.equal(net(tokens, length), net(tokens, length))
    net.eval()
    assert torch.equal(net(tokens, length), net(tokens, length))
