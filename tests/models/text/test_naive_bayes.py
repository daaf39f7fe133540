"""Naive Bayes: counted as by hand, deaf to padding."""

import math
from itertools import pairwise

import pytest
import torch

from handloom.models.text.naive_bayes import STRENGTH, NaiveBayes
from handloom.models.text.ngrams import NGrams, learn_keys, padded_texts

TEXTS = [[3, 4, 3], [3, 5], [6, 4], [6, 6, 6, 5], [4]]
LABEL = torch.tensor([0, 0, 1, 1, 1])
LENGTH = torch.tensor([len(text) for text in TEXTS])
TOKENS = torch.tensor([word for text in TEXTS for word in text], dtype=torch.int32)


def counted() -> tuple[NGrams, NaiveBayes]:
    keys = learn_keys(TOKENS, LENGTH, 8, 2, 100)
    ngrams, bayes = NGrams(8, 2, len(keys)), NaiveBayes(len(keys), 2)
    ngrams.keys.copy_(keys)
    ((tokens, length),) = padded_texts(TOKENS, LENGTH)
    place, count = ngrams(tokens, length)
    row, column = count.nonzero(as_tuple=True)
    bayes.count(place[row, column], LABEL[row])
    return ngrams, bayes


def features(text: list[int]) -> set[tuple[int, ...]]:
    return {(word,) for word in text} | set(pairwise(text))


def ratio(feature: tuple[int, ...], rows: int) -> float:
    """log p(feature | class 1) - log p(feature | class 0), one more than was seen everywhere."""
    shares = []
    for label in (0, 1):
        mine = [features(t) for t, y in zip(TEXTS, LABEL.tolist(), strict=True) if y == label]
        total = sum(map(len, mine)) + rows
        shares.append((sum(feature in found for found in mine) + 1) / total)
    return math.log(shares[1] / shares[0])


@pytest.mark.parametrize("text", [*TEXTS, [3, 3, 6, 7, 3, 3], [7, 7]])
def test_equals_counting_by_hand(text: list[int]) -> None:
    ngrams, bayes = counted()
    score = bayes(*ngrams(torch.tensor([text]), torch.tensor([len(text)])))[0]
    known = features(text) & {feature for one in TEXTS for feature in features(one)}
    wanted = sum(ratio(feature, len(bayes.table)) for feature in known)
    wanted *= STRENGTH / math.sqrt(max(len(known), 1))
    # Two classes against each other: each has the same ratio, once with the other sign.
    torch.testing.assert_close(score, torch.tensor([-wanted, wanted]), rtol=1e-4, atol=1e-5)


def test_a_weight_counts_like_repetitions() -> None:
    place, label = torch.tensor([0, 1, 2, 0, 3]), torch.tensor([0, 0, 0, 1, 1])
    weighted, repeated = NaiveBayes(4, 2), NaiveBayes(4, 2)
    weighted.count(place, label, torch.tensor([1.0, 3.0]))
    repeated.count(torch.cat([place, place[3:], place[3:]]), torch.cat([label, *[label[3:]] * 2]))
    torch.testing.assert_close(weighted.table, repeated.table)
