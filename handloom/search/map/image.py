"""A map as an image: thumbnails at their places, framed in the colour of their group."""

from typing import TYPE_CHECKING

import numpy as np

from handloom.search.map.groups import MapGroups
from handloom.search.map.layout import ImageMap
from handloom.search.map.tiles import TILE, Tiles

if TYPE_CHECKING:
    from PIL import Image

SIDE, MARGIN, LEGEND = 1_500, 30, 330  # pixels
FRAME = 3
SMALLEST = 14  # pixels of a thumbnail
COVER = 0.55  # share of the map that thumbnails would cover beside each other
LINE, LETTERS = 26, 17
MOST_NAMES = 50
INK = "#222222"


def drawn_map(made: ImageMap, groups: MapGroups, tiles: Tiles) -> "Image.Image":
    """The map on the left, the names of the groups on the right."""
    from PIL import Image, ImageDraw

    side = int(np.clip(SIDE * (COVER / len(tiles)) ** 0.5, SMALLEST, 2 * TILE))
    free, highest = SIDE - 2 * MARGIN - side, float(made.place[:, 1].max())
    tall = 2 * MARGIN + side + round(free * (highest - float(made.place[:, 1].min())) / 2)
    tall = max(tall, 2 * MARGIN + min(len(groups.names), MOST_NAMES + 1) * LINE)
    whole = Image.new("RGB", (SIDE + LEGEND, tall), "white")
    draw = ImageDraw.Draw(whole)
    # What lies alone is drawn last, so that crowds do not cover it.
    for row in _crowded_first(made.place):
        x, y = made.place[row]
        left = round(MARGIN + free * (1 + float(x)) / 2)
        top = round(MARGIN + free * (highest - float(y)) / 2)
        thumbnail = Image.fromarray(tiles[row]).resize((side, side), Image.Resampling.BILINEAR)
        frame = max(1, min(FRAME, side // 8))
        corners = [left - frame, top - frame, left + side + frame - 1, top + side + frame - 1]
        draw.rectangle(corners, groups.colours[groups.number[row]])
        whole.paste(thumbnail, (left, top))
    _legend(draw, groups)
    return whole


def _crowded_first(place: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> list[int]:
    """Rows by falling number of images in their cell of a coarse grid."""
    cells = ((place + 1) * 12).astype(int)
    number = cells[:, 0] * 100 + cells[:, 1]
    crowd = np.bincount(number)[number]
    return np.argsort(-crowd, kind="stable").tolist()  # type: ignore[no-any-return]


def _legend(draw: "object", groups: MapGroups) -> None:
    from PIL import ImageDraw

    from handloom.data.images.drawing.lettering import font

    assert isinstance(draw, ImageDraw.ImageDraw)
    left, most = SIDE + 10, LEGEND - 50
    for row, name in enumerate(groups.names[:MOST_NAMES]):
        top, letters = MARGIN + row * LINE, font(name, LETTERS)
        draw.rectangle([left, top + 3, left + 16, top + 19], groups.colours[row])
        while len(name) > 1 and letters.getlength(name) > most:
            name = f"{name.rstrip('…')[:-1]}…"
        draw.text((left + 26, top), name, INK, letters)
    if len(groups.names) > MOST_NAMES:
        more = f"and {len(groups.names) - MOST_NAMES:,} more"
        draw.text((left, MARGIN + MOST_NAMES * LINE), more, INK, font(more, LETTERS))
