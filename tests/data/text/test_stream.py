"""Sampling a corpus in windows; held-out text scored once."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from handloom.data.text.stream import UNSCORED, HeldOut, Windows

IDS = torch.arange(100, dtype=torch.uint8)


def windows(**given: object) -> Windows:
    return Windows(IDS, torch.arange(100) * 2, 3, 5, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("consecutive", [True, False])
def test_targets_are_the_characters_that_follow(consecutive: bool) -> None:
    for batch in windows(consecutive=consecutive).batches(4):
        assert (batch["target"] == batch["tokens"] + 2).all()
        assert batch["tokens"].shape == (3, 5)


def test_consecutive_streams_go_on() -> None:
    seen = [{k: v.clone() for k, v in b.items()} for b in windows().batches(0)]
    assert len(seen) == windows().steps
    assert [b["first"].tolist() for b in seen] == [[i == 0] * 3 for i in range(len(seen))]
    for before, after in pairwise(seen):
        assert (after["tokens"][:, 0] == before["target"][:, -1]).all()


def test_random_windows_begin_anew_and_do_not_overlap() -> None:
    seen = [b["tokens"].clone() for b in windows(consecutive=False).batches(0)]
    flat = torch.cat(seen).flatten().tolist()
    assert len(set(flat)) == len(flat)
    assert all(b["first"].all() for b in windows(consecutive=False).batches(0))


def test_the_tutorials_cuts_are_the_same_in_every_epoch() -> None:
    first = [next(iter(windows(moving=m).batches(e)))["tokens"].clone() for m in (False, True)
             for e in range(4)]  # fmt: skip
    assert all(t.equal(first[0]) for t in first[:4])
    assert not all(t.equal(first[4]) for t in first[4:])
    assert windows(moving=False).steps == (100 // 3 - 1) // 5


def test_an_epoch_can_be_entered_in_the_middle() -> None:
    for consecutive in (True, False):
        source = windows(consecutive=consecutive)
        whole = [b["tokens"].clone() for b in source.batches(3)]
        rest = [b["tokens"].clone() for b in source.batches(3, 2)]
        assert all(a.equal(b) for a, b in zip(whole[2:], rest, strict=True))


@settings(max_examples=80, deadline=None)
@given(
    count=st.integers(2, 60),
    before=st.integers(0, 20),
    streams=st.integers(1, 7),
    steps=st.integers(1, 9),
    warmup=st.integers(0, 12),
)
def test_every_held_out_character_is_scored_once(
    count: int, before: int, streams: int, steps: int, warmup: int
) -> None:
    text = torch.arange(1, 1 + before + count)
    lead, held = text[:before], text[before:]
    source = HeldOut(held, held, lead, streams=streams, seq_len=steps, warmup=warmup)
    scored: list[int] = []
    for batch in source.batches(0):
        is_scored = batch["target"] != UNSCORED
        scored += batch["target"][is_scored].tolist()
        # What is read is what stands before; nothing at the very beginning.
        gap = (batch["target"] - batch["tokens"])[is_scored]
        assert (gap == 1).all()
    expected = held.tolist() if before else held.tolist()[1:]
    assert sorted(scored) == expected
