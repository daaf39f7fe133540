"""Signatures of images, on which the search for near-duplicates rests."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from handloom.data.images import signatures as module
from handloom.data.images.signatures import close_pairs, grey, low_frequencies, mirrored, thumbnails

ROWS = torch.tensor([3, 0, 4])


def noise(count: int, height: int, width: int, channels: int = 3) -> Tensor:
    return torch.randint(0, 256, (count, height, width, channels), dtype=torch.uint8)


@pytest.mark.parametrize("side", [32, 45, 64])
def test_frequencies_of_a_mirror_image_follow_from_those_of_the_image(side: int) -> None:
    image, rows = noise(20, side, side + 3), torch.arange(20)
    _, plain = low_frequencies(image, rows, [0.0])
    _, flipped = low_frequencies(image.flip(2), rows, [0.0])
    assert torch.allclose(mirrored(plain), flipped, atol=1e-5)
    assert not torch.allclose(plain, flipped, atol=1e-2)


@pytest.mark.parametrize("shape", [(32, 32, 3), (64, 64, 3), (45, 70, 1), (7, 300, 3)])
def test_they_are_those_of_the_thumbnails_inside_each_margin(
    shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VALUES", 2 * shape[0] * shape[1] * shape[2])  # in two parts
    image, margins = noise(5, *shape), [0.0, 1 / 64, 0.1]
    rows, low = low_frequencies(image, ROWS, margins)
    assert torch.equal(rows, ROWS)
    for margin, made in zip(margins, low, strict=True):
        down, across = round(margin * shape[0]), round(margin * shape[1])
        inside = image[ROWS, down : shape[0] - down, across : shape[1] - across]
        assert torch.allclose(made, thumbnails(grey(inside)) @ module._frequencies(), atol=1e-5)


def test_flat_images_have_none() -> None:
    image = noise(4, 40, 40)
    image[1] = 7
    image[2] = (image[2] // 128) + 100  # two values side by side
    small = adaptive_avg_pool2d(grey(image), 16).flatten(1)
    assert (small.std(dim=1) >= 2).tolist() == [True, False, False, True]
    rows, low = low_frequencies(image, torch.arange(4), [0.0])
    assert rows.tolist() == [0, 3]
    assert low.shape == (1, 2, 35)
    assert not len(low_frequencies(image, torch.tensor([1]), [0.0])[0])


@pytest.mark.parametrize("tile", [(512, 1024), (7, 5), (1, 300)])
def test_close_pairs_are_those_within_the_radius(
    tile: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TILE", tile)
    plain = torch.nn.functional.normalize(torch.randn(60, 4), dim=1)
    viewed = torch.nn.functional.normalize(plain + 0.3 * torch.randn(60, 4), dim=1)
    expected = {(i, j) for i, j in (viewed @ plain.T >= 0.8).nonzero().tolist() if i != j}
    assert expected
    pairs = close_pairs(viewed, plain, 0.8, 10_000, False, lambda *_: None)
    assert len(pairs) == len(expected)
    assert {(i, j) for i, j in pairs.tolist()} == expected
    distance = (viewed[pairs[:, 0]] - plain[pairs[:, 1]]).norm(dim=1)
    assert bool((distance.diff() > -1e-4).all())  # the nearest first


def test_grey_is_luma() -> None:
    image = torch.tensor([[[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [10, 10, 10]]]])
    made = grey(image.to(torch.uint8))
    assert torch.allclose(made, torch.tensor([[[[76.245, 149.685], [29.07, 10.0]]]]))
    assert torch.equal(grey(image[..., :1].to(torch.uint8))[0, 0], image[0, ..., 0].float())
