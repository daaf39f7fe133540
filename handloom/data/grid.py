"""Many pictures in one: a grid, its rows named where they have names, and the bytes of a PNG."""

import torch
from torch import Tensor

SMALLEST = 48  # pixels; smaller pictures are enlarged by a whole factor, so that pixels stay sharp
GAP = 2  # pixels


def grid(pixels: Tensor, columns: int = 8, smallest: int = SMALLEST) -> Tensor:
    """One picture, uint8 (H', W', C), of pictures uint8 (N, H, W, C), row by row.

    White lies between them and where the last row is short. smallest: pixels of the shorter side,
    below which pictures are enlarged by a whole factor.
    """
    pixels = enlarged(pixels, smallest)
    count, tall, wide, channels = pixels.shape
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    made = torch.full(
        (rows * (tall + GAP) + GAP, columns * (wide + GAP) + GAP, channels), 255, dtype=torch.uint8
    )
    for number, picture in enumerate(pixels):
        top = GAP + number // columns * (tall + GAP)
        left = GAP + number % columns * (wide + GAP)
        made[top : top + tall, left : left + wide] = picture
    return made


def enlarged(pixels: Tensor, smallest: int = SMALLEST) -> Tensor:
    """Pictures uint8 (N, H, W, C), every pixel repeated until no side is below `smallest`."""
    factor = max(1, -(-smallest // min(pixels.shape[1:3])))
    return pixels.repeat_interleave(factor, 1).repeat_interleave(factor, 2)


def png(pixels: Tensor) -> bytes:
    """The bytes of a PNG file of one picture, uint8 (H, W, C) with C 1 or 3."""
    import io

    from PIL import Image

    array = pixels.contiguous().numpy()
    buffer = io.BytesIO()
    Image.fromarray(array[..., 0] if array.shape[2] == 1 else array).save(
        buffer, "PNG", optimize=True
    )
    return buffer.getvalue()
