"""Runs of tokens as features: all of them, counted, and none of padding or unknown words."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from handloom.models.text.ngrams import NGrams, learn_keys, most_orders, ngram_keys, padded_texts

TEXTS = st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=9), min_size=1, max_size=6)


def runs(text: list[int], orders: int) -> list[tuple[int, ...]]:
    return [
        tuple(text[i : i + order])
        for order in range(1, orders + 1)
        for i in range(len(text) - order + 1)
        if 1 not in text[i : i + order]
    ]


@given(TEXTS, st.integers(1, 4))
def test_runs_and_their_counts(texts: list[list[int]], orders: int) -> None:
    tokens = torch.tensor([word for text in texts for word in text], dtype=torch.int32)
    length = torch.tensor([len(text) for text in texts])
    keys = learn_keys(tokens, length, 7, orders, 10_000)
    known = sorted({run for text in texts for run in runs(text, orders)})
    assert len(keys) == len(known)
    ngrams = NGrams(7, orders, len(keys))
    if not known:
        return
    ngrams.keys.copy_(keys)
    row = 0
    for padded, part in padded_texts(tokens, length, 2):
        _, count = ngrams(padded, part)
        for counts in count:
            wanted = runs(texts[row], orders)
            assert sorted(counts[counts > 0].tolist()) == sorted(
                float(wanted.count(run)) for run in set(wanted)
            )
            row += 1


def test_runs_of_other_lengths_have_other_keys() -> None:
    keys = ngram_keys(torch.tensor([[2, 3, 2, 3]]), torch.tensor([3]), 9, 3)
    assert keys.tolist() == [[2, 3, 2, 0, 2 * 9 + 3, 3 * 9 + 2, 0, (2 * 9 + 3) * 9 + 2, 0]]


def test_the_most_frequent_are_kept_and_keys_fit() -> None:
    tokens = torch.tensor([2, 3, 2, 4], dtype=torch.int32)
    assert learn_keys(tokens, torch.tensor([2, 2]), 9, 1, 1).tolist() == [2]
    assert most_orders(30_002, 4) == 4
    assert most_orders(1_000_000, 4) == 3
