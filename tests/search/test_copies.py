"""Copies of an image among results."""

import numpy as np

from handloom.search.copies import are_copies, folded
from handloom.search.records import Image, Match, Thumbs, Vectors
from tests.search.conftest import unit

random = np.random.default_rng(0)
THUMB = random.integers(0, 256, 256, dtype=np.uint8)
OTHER = random.integers(0, 256, 256, dtype=np.uint8)
NEAR, FAR = unit([[1, 0.1], [0.1, 1]])


def match(name: str, score: float, vector: Vectors, thumb: Thumbs) -> Match:
    return Match(score, (Image(1, name, name.encode(), None),), vector, thumb)


def test_both_the_vectors_and_the_thumbnails_agree() -> None:
    first = match("a", 1, NEAR, THUMB)
    assert are_copies(first, match("b", 1, NEAR, THUMB // 2 + 60))  # of another contrast
    mirrored = THUMB.reshape(16, 16)[:, ::-1].reshape(-1)
    assert are_copies(first, match("b", 1, NEAR, mirrored))
    assert not are_copies(first, match("b", 1, NEAR, OTHER))
    assert not are_copies(first, match("b", 1, FAR, THUMB))
    flat = np.zeros(256, np.uint8)
    assert not are_copies(match("a", 1, NEAR, flat), match("b", 1, NEAR, flat))


def test_groups_take_their_copies_also_from_further_down() -> None:
    matches = [match("a", 0.9, NEAR, THUMB), match("b", 0.8, NEAR, OTHER),
               match("c", 0.7, FAR, OTHER), match("d", 0.6, NEAR, THUMB)]  # fmt: skip
    groups = folded(iter(matches), 2)
    assert [[each.images[0].path for each in group] for group in groups] == [["a", "d"], ["b"]]
    assert len(folded(iter(matches), 10)) == 3
