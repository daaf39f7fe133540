"""A window of an image is found again, and what is in none is left early."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from handloom.data.images.alignment import seen_in, windows

WINDOWS = torch.tensor([[0.94, 0.92, 0.03, -0.05], [0.9, 0.9, 0.0, 0.08], [1.0, 1.0, 0.0, 0.0]])


def scenes(count: int, seed: int = 0) -> Tensor:
    """Smooth images, float (N, 1, 64, 48)."""
    noise = torch.rand(count, 1, 7, 6, generator=torch.Generator().manual_seed(seed))
    return 255 * interpolate(noise, (64, 48), mode="bicubic").clamp(0, 1)


@pytest.mark.parametrize("scale", [0.97, 0.85])
def test_a_window_is_found_whatever_its_brightness(scale: float) -> None:
    large = scenes(3)
    rows, found = windows(large, 30 + 0.6 * seen_in(large, WINDOWS), scale)
    assert rows.tolist() == [0, 1, 2]
    torch.testing.assert_close(found, WINDOWS, rtol=0, atol=0.02)


def test_other_images_are_left_and_keep_their_places() -> None:
    large = scenes(4)
    part = torch.cat([seen_in(large[:1], WINDOWS[:1]), scenes(2, 1), large[3:]])
    rows, found = windows(large, part, 0.97)
    assert rows.tolist() == [0, 3]
    torch.testing.assert_close(found, WINDOWS[[0, 2]], rtol=0, atol=0.02)


def test_none_is_left_of_strangers_and_blanks() -> None:
    large = torch.cat([scenes(2), torch.full((1, 1, 64, 48), 200.0)])
    rows, found = windows(large, torch.cat([scenes(2, 1), scenes(1)]), 0.97)
    assert rows.numel() == 0
    assert found.shape == (0, 4)


def test_windows_do_not_depend_on_their_neighbours() -> None:
    large = scenes(20)
    part = seen_in(large, WINDOWS[:1].expand(20, 4))
    part[::2] = scenes(10, 2)
    _, together = windows(large, part, 0.97)
    alone = [windows(a[None], b[None], 0.97)[1] for a, b in zip(large, part, strict=True)]
    torch.testing.assert_close(together, torch.cat(alone), rtol=0, atol=1e-5)
