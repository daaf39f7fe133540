"""Signatures of images, on which the search for near-duplicates rests."""

import pytest
import torch

from handloom.data.images.signatures import View, grey, low_frequencies, mirrored


@pytest.mark.parametrize("side", [32, 45, 64])
def test_frequencies_of_a_mirror_image_follow_from_those_of_the_image(side: int) -> None:
    image = torch.randint(0, 256, (20, side, side + 3, 3), dtype=torch.uint8)
    rows = torch.arange(20)
    (plain,) = low_frequencies(image, rows, [View()])
    (flipped,) = low_frequencies(image.flip(2), rows, [View()])
    assert torch.allclose(mirrored(plain), flipped, atol=1e-5)
    assert not torch.allclose(plain, flipped, atol=1e-2)


def test_views_of_one_pass_are_those_of_passes_of_their_own() -> None:
    image = torch.randint(0, 256, (5, 40, 40, 3), dtype=torch.uint8)
    rows = torch.tensor([3, 0, 4])
    views = [View(), View(margin=0.1), View(is_mirrored=True)]
    for view, made in zip(views, low_frequencies(image, rows, views), strict=True):
        (alone,) = low_frequencies(image, rows, [view])
        assert torch.equal(made, alone)
    cut = image[:, 4:36, 4:36]
    (expected,) = low_frequencies(cut, rows, [View()])
    assert torch.allclose(low_frequencies(image, rows, [views[1]])[0], expected, atol=1e-5)


def test_grey_is_luma() -> None:
    image = torch.tensor([[[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [10, 10, 10]]]])
    made = grey(image.to(torch.uint8))
    assert torch.allclose(made, torch.tensor([[[[76.245, 149.685], [29.07, 10.0]]]]))
    assert torch.equal(grey(image[..., :1].to(torch.uint8))[0, 0], image[0, ..., 0].float())
