"""A contact sheet: rows of images, one row for each class with its name."""

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from handloom.data.images.dataset import Images
from handloom.data.images.lettering import font

GAP, MARGIN = 4, 12  # pixels
SMALLEST = 48  # pixels; smaller images are enlarged by a whole factor, so that pixels stay sharp
MOST_ROWS = 100
MOST_TEXT = 24  # characters of a class name


def contact_sheet(images: Images, columns: int = 12) -> Tensor:
    """Up to `columns` images of each class, evenly spread, as uint8 (H, W, 3).

    Without labels it is a grid of up to `columns` rows. At most 100 classes are shown.
    """
    rows = _rows(images, columns)
    names = [_title(images, row) for row in range(len(rows))]
    columns = max(len(row) for row in rows)
    scale = -(-SMALLEST // min(images.size))
    height, width = images.size[0] * scale, images.size[1] * scale
    letters = font("".join(names), max(12, min(18, height // 4)))
    left = MARGIN + max(
        (int(letters.getlength(name)) + MARGIN for name in names if name), default=0
    )
    wide = left + columns * (width + GAP) - GAP + MARGIN
    tall = len(rows) * (height + GAP) - GAP + 2 * MARGIN
    sheet = Image.new("RGB", (wide, tall), "white")
    draw = ImageDraw.Draw(sheet)
    for number, row in enumerate(rows):
        top = MARGIN + number * (height + GAP)
        draw.text((MARGIN, top + height // 2), names[number], "black", letters, anchor="lm")
        for column, index in enumerate(row):
            sheet.paste(
                _image(images.image[index], width, height), (left + column * (width + GAP), top)
            )
    return torch.from_numpy(np.array(sheet))


def _rows(images: Images, columns: int) -> list[list[int]]:
    """Row numbers of the images to show, one list a line."""
    if images.label is None:
        spread = _spread(torch.arange(len(images)), columns * columns)
        return [spread[start : start + columns] for start in range(0, len(spread), columns)]
    order = torch.argsort(images.label, stable=True)
    count = torch.bincount(images.label, minlength=len(images.classes)).tolist()
    return [_spread(rows, columns) for rows in torch.split(order, count)[:MOST_ROWS]]


def _spread(rows: Tensor, amount: int) -> list[int]:
    if len(rows) <= amount:
        return list(rows.tolist())
    return list(rows[torch.arange(amount) * len(rows) // amount].tolist())


def _title(images: Images, row: int) -> str:
    name = images.classes[row] if images.label is not None else ""
    return name if len(name) <= MOST_TEXT else f"{name[: MOST_TEXT - 1]}…"


def _image(image: Tensor, width: int, height: int) -> Image.Image:
    pixels = image.expand(-1, -1, 3).contiguous().numpy()
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.NEAREST)
