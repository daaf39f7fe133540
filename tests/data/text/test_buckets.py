"""Batches of similar length."""

import torch

from handloom.data.text.buckets import Buckets


def made(count: int = 50, batch: int = 8, shuffle: bool = True) -> Buckets:
    generator = torch.Generator().manual_seed(1)
    length = torch.randint(1, 30, (count,), generator=generator)
    tokens = torch.cat([torch.full((int(n),), i + 1) for i, n in enumerate(length)]).int()
    return Buckets(tokens, length, torch.arange(count), batch, shuffle=shuffle, seed=3)


def test_rows_are_whole_and_padded_with_zeros() -> None:
    for batch in made().batches(0):
        for row, length, label in zip(*batch.values(), strict=True):
            assert (row[:length] == label + 1).all()
            assert not row[length:].any()


def test_all_texts_come_once_without_shuffling() -> None:
    source = made(shuffle=False)
    labels = torch.cat([b["label"] for b in source.batches(0)])
    assert sorted(labels.tolist()) == list(range(50))
    assert source.steps == 7


def test_epochs_differ_and_can_be_repeated_and_entered() -> None:
    source = made()
    seen = [[b["label"].tolist() for b in source.batches(e)] for e in (0, 1, 0)]
    assert seen[0] == seen[2] != seen[1]
    assert [b["label"].tolist() for b in source.batches(0, 2)] == seen[0][2:]
    assert all(len(labels) == 8 for labels in seen[0])
    assert len(seen[0]) == source.steps == 6


def test_little_is_padding() -> None:
    source = made(2000, 32)
    kept = sum(int(b["length"].sum()) for b in source.batches(0))
    total = sum(b["tokens"].numel() for b in source.batches(0))
    assert kept / total > 0.85
