"""Affine maps of images, beside torch's own."""

import torch
from torch.nn import functional as F

from handloom.models.layers.warp import warp


def maps(batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(batch, 3), torch.randn(batch, 3)


def test_it_samples_where_affine_grid_and_grid_sample_do() -> None:
    torch.manual_seed(0)
    (x, y), image = maps(5), torch.rand(5, 3, 9, 14)
    for size, padding in (((9, 14), "reflection"), ((4, 6), "zeros"), ((1, 7), "border")):
        grid = F.affine_grid(torch.stack([x, y], 1), [5, 3, *size], align_corners=False)
        expected = F.grid_sample(image, grid, padding_mode=padding, align_corners=False)
        torch.testing.assert_close(warp(image, x, y, size, padding), expected, atol=1e-4, rtol=0)


def test_autocast_does_not_round_where_a_pixel_comes_from() -> None:
    torch.manual_seed(0)
    (x, y), image = maps(2), torch.rand(2, 1, 64, 64)
    expected = warp(image, x, y, (64, 64), "reflection")
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(warp(image, x, y, (64, 64), "reflection"), expected)
