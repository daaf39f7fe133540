"""Colour images of 16 bits a channel, of which Pillow keeps the upper 8: all 16 of them.

Pillow has no mode for such images. Its unpackers take either byte of a value, and a file that is
unpacked twice gives both.
"""

from typing import Any

import numpy as np
from PIL import Image

from handloom.data.images.deep import to_8_bits

OTHER_BYTE = {"16B": "16L", "16L": "16B", "16N": "16B"}  # big, little, native: little, everywhere
COLOUR = ("RGB", "RGBA")
GREY_WITH_ALPHA = "LA;16B"  # of PNG: four bytes a pixel, as RGBA has
Deep = np.ndarray[Any, np.dtype[np.uint16]]


def stored_mode(image: Image.Image) -> str:
    """Pillow's mode, or RGB;16, RGBA;16 or LA;16 where 16 bits a channel are stored; before it is
    decoded."""
    base, _, depth = _packing(image).partition(";")
    if depth in OTHER_BYTE and base in COLOUR:
        return f"{base};16"
    return "LA;16" if _packing(image) == GREY_WITH_ALPHA else image.mode


def deep_bands(image: Image.Image, again: Image.Image) -> Deep:
    """All bands (H, W, C) of an image of such a mode; `again` is the same file, opened anew."""
    base, _, depth = _packing(image).partition(";")
    if base == "LA":
        _repack(image, "RGBA")
        quarters = np.array(image).astype(np.uint16)
        return _whole(quarters[..., ::2], quarters[..., 1::2])
    _repack(again, f"{base};{OTHER_BYTE[depth]}")
    return _whole(np.array(image).astype(np.uint16), np.array(again).astype(np.uint16))


def _whole(high: Deep, low: Deep) -> Deep:
    return (high * 256 + low).astype(np.uint16)


def narrowed(
    image: Image.Image, again: Image.Image, levels: tuple[float, float] | None
) -> Image.Image:
    """The image with 8 bits a channel by `levels`, its transparency by all 16 bits; EXIF stays."""
    bands = deep_bands(image, again)
    colours = bands.shape[2] - (bands.shape[2] % 2 == 0)  # the last of an even number is alpha
    pixels = to_8_bits(bands[..., :colours], "I;16", levels)
    alpha = to_8_bits(bands[..., colours:], "I;16", None)
    narrow = Image.fromarray(np.concatenate([pixels, alpha], axis=2))
    if "exif" in image.info:
        narrow.info["exif"] = image.info["exif"]
    return narrow


def _packing(image: Image.Image) -> str:
    """How the pixels lie in the file: the name of Pillow's unpacker, "" where it has none."""
    tile = getattr(image, "tile", None)
    arguments = tile[0].args if tile else ""
    name = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return name if isinstance(name, str) else ""


def _repack(image: Image.Image, name: str) -> None:
    """Has the image decoded by another unpacker."""
    tiles = vars(image)["tile"]
    for place, tile in enumerate(tiles):
        whole = (name, *tile.args[1:]) if isinstance(tile.args, tuple) else name
        tiles[place] = tile._replace(args=whole)
