"""Many images in one: a grid, its rows named where they have names, and the bytes of a PNG."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from handloom.data.images.dataset import Images

if TYPE_CHECKING:
    from PIL import Image

SMALLEST = 48  # pixels; smaller images are enlarged by a whole factor, so that pixels stay sharp
GAP, MARGIN = 2, 12  # pixels
MOST_TEXT = 24  # characters of a row's name
MOST_CLASSES = 100  # of a contact sheet


def grid(pixels: Tensor, columns: int = 8, smallest: int = SMALLEST, gap: int = GAP) -> Tensor:
    """One image, uint8 (H', W', C), of images uint8 (N, H, W, C), row by row.

    White lies between them and where the last row is short. smallest: pixels of the shorter side,
    below which images are enlarged by a whole factor. gap: pixels between images, and around.
    """
    pixels = enlarged(pixels, smallest)
    count, tall, wide, channels = pixels.shape
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    made = torch.full(
        (rows * (tall + gap) + gap, columns * (wide + gap) + gap, channels), 255, dtype=torch.uint8
    )
    for number, image in enumerate(pixels):
        top = gap + number // columns * (tall + gap)
        left = gap + number % columns * (wide + gap)
        made[top : top + tall, left : left + wide] = image
    return made


def sheet(pixels: Tensor, labels: list[str], smallest: int = SMALLEST) -> Tensor:
    """A grid with a row, and its name on the left, for each different label (N of them)."""
    names = list(dict.fromkeys(labels))
    rows = [[i for i, label in enumerate(labels) if label == name] for name in names]
    columns = max(len(row) for row in rows)
    blank = torch.full_like(pixels[:1], 255)
    filled = [torch.cat([pixels[row], *[blank] * (columns - len(row))]) for row in rows]
    return titled(grid(torch.cat(filled), columns, smallest), names)


def contact_sheet(images: Images, columns: int = 12) -> Tensor:
    """Up to `columns` images of each class, evenly spread, uint8 (H, W, C), a named row for each.

    At most 100 classes are shown. Without labels it is a grid of up to `columns` rows.
    """
    if images.label is None:
        return grid(images.image[_spread(torch.arange(len(images)), columns**2)], columns)
    order = torch.argsort(images.label, stable=True)
    count = torch.bincount(images.label, minlength=len(images.classes)).tolist()
    rows = [_spread(rows, columns) for rows in torch.split(order, count)[:MOST_CLASSES]]
    names = [name for name, row in zip(images.classes, rows, strict=False) for _ in row]
    return sheet(images.image[torch.cat(rows)], names)


def _spread(rows: Tensor, most: int) -> Tensor:
    return rows[torch.arange(most) * len(rows) // most] if len(rows) > most else rows


def pairs(above: Tensor, below: Tensor, columns: int = 8) -> Tensor:
    """A grid in which each image of `below` lies under its own of `above`, (N, H, W, C) both."""
    columns = min(columns, len(above))
    blank = torch.full_like(above[:1], 255)
    strips = []
    for some, others in zip(above.split(columns), below.split(columns), strict=True):
        fill = [blank] * (columns - len(some))
        strip = grid(torch.cat([some, *fill, others, *fill]), columns)
        strips += [strip, torch.full_like(strip[: 3 * GAP], 255)]
    return torch.cat(strips[:-1])


def enlarged(pixels: Tensor, smallest: int = SMALLEST) -> Tensor:
    """Images uint8 (N, H, W, C), every pixel repeated until no side is below `smallest`."""
    factor = max(1, -(-smallest // min(pixels.shape[1:3])))
    return pixels.repeat_interleave(factor, 1).repeat_interleave(factor, 2)


def titled(made: Tensor, titles: list[str]) -> Tensor:
    """A grid uint8 (H, W, C) of as many rows as titles, with a title on the left of each row."""
    import numpy as np
    from PIL import Image, ImageDraw

    from handloom.data.images.drawing.lettering import font

    titles = [t if len(t) <= MOST_TEXT else f"{t[: MOST_TEXT - 1]}…" for t in titles]
    image, tall = image_of(made), made.shape[0] / len(titles)
    letters = font("".join(titles), max(12, min(18, int(tall / 4))))
    left = 2 * MARGIN + max(int(letters.getlength(title)) for title in titles)
    whole = Image.new(image.mode, (left + image.width, image.height), "white")
    whole.paste(image, (left, 0))
    pen = ImageDraw.Draw(whole)
    for row, title in enumerate(titles):
        pen.text((MARGIN, (row + 0.5) * tall), title, "black", letters, anchor="lm")
    return torch.from_numpy(np.array(whole)).reshape(whole.height, whole.width, -1)


def image_of(image: Tensor) -> "Image.Image":
    """uint8 (H, W, C), C 1 or 3, as Pillow's image, grey or colour."""
    from PIL import Image

    array = image.contiguous().numpy()
    return Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)


def png(image: Tensor) -> bytes:
    """The bytes of a PNG file of one image, uint8 (H, W, C) with C 1 or 3."""
    import io

    buffer = io.BytesIO()
    image_of(image).save(buffer, "PNG")
    return buffer.getvalue()
