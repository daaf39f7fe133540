"""Copies of an image among results."""

import numpy as np
import pytest

from handloom.search.copies import are_copies, folded, thumbs
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


@pytest.mark.parametrize("shape", [(3, 32, 48, 3), (2, 17, 40, 1), (2, 5, 9, 3)])
def test_a_thumbnail_has_the_means_of_its_places(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    whole = images.repeat(4, axis=1).repeat(4, axis=2) if shape[1] < 16 else images
    height, width = whole.shape[1:3]
    expected = [
        [image[row * height // 16 : (row + 1) * height // 16,
               column * width // 16 : (column + 1) * width // 16].mean()
         for row in range(16) for column in range(16)]
        for image in whole
    ]  # fmt: skip
    assert np.abs(thumbs(images) - np.array(expected)).max() <= 0.5 + 1e-3
