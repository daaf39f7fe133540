"""Naive Bayes beside a network: counted as by hand, deaf to padding, silent in training."""

import math
from itertools import pairwise

import pytest
import torch

from handloom.models.text.classifiers import BagOfWords
from handloom.models.text.naive_bayes import STRENGTH, NaiveBayes

TEXTS = [[3, 4, 3], [3, 5], [6, 4], [6, 6, 6, 5], [4]]
LABEL = torch.tensor([0, 0, 1, 1, 1])


def counted() -> NaiveBayes:
    torch.manual_seed(0)
    network = NaiveBayes(BagOfWords(8, 4, 2), 8, 2)
    tokens = torch.tensor([word for text in TEXTS for word in text], dtype=torch.int32)
    network.count(tokens, torch.tensor([len(text) for text in TEXTS]), LABEL)
    return network.eval()


def features(text: list[int]) -> set[tuple[int, ...]]:
    return {(word,) for word in text} | set(pairwise(text))


def ratio(feature: tuple[int, ...], network: NaiveBayes) -> float:
    """log p(feature | class 1) - log p(feature | class 0), one more than was seen everywhere."""
    rows, shares = len(network.table), []
    for label in (0, 1):
        mine = [features(t) for t, y in zip(TEXTS, LABEL.tolist(), strict=True) if y == label]
        total = sum(map(len, mine)) + rows
        shares.append((sum(feature in found for found in mine) + 1) / total)
    return math.log(shares[1] / shares[0])


@pytest.mark.parametrize("text", [*TEXTS, [3, 3, 6, 7, 3, 3]])
def test_equals_counting_by_hand(text: list[int]) -> None:
    network = counted()
    tokens, length = torch.tensor([text]), torch.tensor([len(text)])
    plain = network.network(tokens, length)[0]
    found = 2 * network(tokens, length)[0] - plain
    wanted = sum(ratio(feature, network) for feature in features(text))
    wanted *= STRENGTH / math.sqrt(len(features(text)))
    # Two classes against each other: each has the same ratio, once with the other sign.
    torch.testing.assert_close(found, torch.tensor([-wanted, wanted]), rtol=1e-4, atol=1e-5)


def test_padding_does_not_leak() -> None:
    network = counted()
    alone, padded = torch.tensor([[3, 6, 4]]), torch.zeros(2, 9, dtype=torch.int64)
    padded[0, :3], padded[1] = alone[0], torch.arange(9) % 8
    wanted = network(alone, torch.tensor([3]))
    torch.testing.assert_close(network(padded, torch.tensor([3, 9]))[:1], wanted)


def test_training_hears_the_network_alone() -> None:
    network = counted().train()
    tokens, length = torch.tensor([[3, 6, 4]]), torch.tensor([3])
    torch.testing.assert_close(network(tokens, length), network.network(tokens, length))
    assert all(name.startswith("network.") for name, _ in network.named_parameters())
