"""Grids, sheets with names, pairs, and animations."""

import io

import torch
from PIL import Image

from handloom.data.images.drawing.animation import gif
from handloom.data.images.drawing.grid import grid, pairs, png, sheet


def images(count: int, side: int = 4, channels: int = 1) -> torch.Tensor:
    return torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(
        count, side, side, channels
    )


def test_a_grid_goes_row_by_row_and_the_rest_is_white() -> None:
    made = grid(images(5, 50), columns=3)
    assert made.shape == (2 * 52 + 2, 3 * 52 + 2, 1)
    assert made[2, 2] == 0
    assert made[2, 2 + 2 * 52] == 2
    assert made[2 + 52, 2 + 52] == 4
    assert (made[54:, 2 + 2 * 52 :] == 255).all()


def test_pairs_lie_one_above_the_other() -> None:
    made = pairs(images(5, 50), 100 + images(5, 50), columns=3)
    assert made[2, 2] == 0
    assert made[2 + 52, 2] == 100
    below = 2 * 52 + 2 + 6
    assert made[below + 2, 2] == 3
    assert made[below + 2 + 52, 2 + 52] == 104


def test_a_sheet_names_its_rows() -> None:
    made = sheet(images(5, 50), ["cat", "dog", "cat", "dog", "cat"])
    assert made.shape[0] == 2 * 52 + 2
    left = made.shape[1] - (3 * 52 + 2)
    assert left > 20
    assert [int(made[2, left + 2 + 52 * i]) for i in range(3)] == [0, 2, 4]
    assert (made[:52, :left] < 128).any()  # its name


def test_png_of_grey_and_colour() -> None:
    for channels, mode in ((1, "L"), (3, "RGB")):
        with Image.open(io.BytesIO(png(grid(images(2, 8, channels))))) as image:
            assert image.mode == mode


def test_a_gif_goes_there_and_back_and_is_bounded() -> None:
    frames = 8 * images(6, 16, 3)
    with Image.open(io.BytesIO(gif(frames, 40, back=True))) as image:
        assert (image.n_frames, image.info["duration"], image.info["loop"]) == (10, 40, 0)
        assert image.size == (112, 112)
        image.seek(5)
        assert abs(image.convert("RGB").getpixel((9, 9))[0] - 40) <= 2
    long = torch.randint(0, 256, (700, 4, 900, 1), dtype=torch.uint8)
    with Image.open(io.BytesIO(gif(long, smallest=4))) as image:
        assert image.n_frames <= 240
        assert max(image.size) <= 640
