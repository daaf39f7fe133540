"""DiffAugment: same shape, differentiable, each image its own change, no waiting."""

import torch

from handloom.models.layers.diff_augment import DiffAugment, _coloured, _cut, _translated
from tests.engine.conftest import NoWaiting


def test_changes_every_image_differently_and_lets_gradients_through() -> None:
    torch.manual_seed(0)
    image = torch.rand(1, 3, 16, 16).repeat(8, 1, 1, 1).requires_grad_()
    changed = DiffAugment()(image)
    assert changed.shape == image.shape
    assert len({tuple(row.flatten().tolist()) for row in changed}) == 8
    changed.sum().backward()
    assert image.grad is not None
    assert (image.grad.flatten(1).abs().sum(1) > 0).all()


def test_shift_moves_whole_pixels_and_fills_with_grey() -> None:
    torch.manual_seed(0)
    image = torch.rand(32, 1, 16, 16)
    for before, after in zip(image, _translated(image), strict=True):
        padded = torch.nn.functional.pad(before, (2, 2, 2, 2), value=0.5)
        places = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if torch.equal(padded[:, y : y + 16, x : x + 16] - 0.5, after - 0.5)
            or torch.allclose(padded[:, y : y + 16, x : x + 16], after)
        ]
        assert len(places) == 1


def test_a_cut_is_grey_and_a_quarter_at_most() -> None:
    torch.manual_seed(0)
    cut = _cut(torch.ones(64, 1, 16, 16))
    share = (cut == 0.5).float().mean((1, 2, 3))
    assert share.max() <= 0.25
    assert share.min() > 0
    assert ((cut == 0.5) | (cut == 1)).all()


def test_colours_keep_a_flat_grey_image_flat() -> None:
    torch.manual_seed(0)
    coloured = _coloured(torch.full((16, 3, 4, 4), 0.5))
    assert (coloured.flatten(1).std(1) < 1e-6).all()
    assert (coloured[:, 0, 0, 0] - 0.5).abs().max() <= 0.25


def test_waits_for_nothing() -> None:
    with NoWaiting():
        DiffAugment()(torch.rand(4, 3, 8, 8))
