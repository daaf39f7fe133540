"""Frames in one GIF, of bounded size."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from handloom.data.images.drawing.grid import enlarged, image_of

if TYPE_CHECKING:
    from PIL import Image

MOST_SIDE = 640  # pixels; larger frames are scaled down
MOST_FRAMES = 240  # beyond them frames are left out, evenly
MOST_BYTES = 2_500_000  # beyond them every other frame is left out, again and again
COLOURS = 256


def gif(frames: Tensor, milliseconds: int = 60, back: bool = False, smallest: int = 112) -> bytes:
    """The bytes of an animation that goes on for ever, from frames uint8 (F, H, W, C).

    back: it runs to the end and back again. smallest: pixels of the shorter side, below which
    frames are enlarged by a whole factor. All frames share one palette: nothing flickers.
    """
    if back and len(frames) > 2:
        frames = torch.cat([frames, frames.flip(0)[1:-1]])
    if len(frames) > MOST_FRAMES:
        milliseconds = milliseconds * len(frames) // MOST_FRAMES
        frames = frames[torch.arange(MOST_FRAMES) * len(frames) // MOST_FRAMES]
    made = _written(frames, milliseconds, smallest)
    while len(made) > MOST_BYTES and len(frames) > 2:
        frames, milliseconds = frames[::2], 2 * milliseconds
        made = _written(frames, milliseconds, smallest)
    return made


def _written(frames: Tensor, milliseconds: int, smallest: int) -> bytes:
    import io

    images = [image_of(frame) for frame in enlarged(frames, smallest)]
    for image in images:
        image.thumbnail((MOST_SIDE, MOST_SIDE))
    if images[0].mode == "RGB":
        palette = _palette(images)
        images = [image.quantize(palette=palette) for image in images]
    buffer = io.BytesIO()
    images[0].save(
        buffer, "GIF", save_all=True, append_images=images[1:], duration=milliseconds, loop=0
    )
    return buffer.getvalue()


def _palette(images: "list[Image.Image]") -> "Image.Image":
    """The colours of some of the frames, one below the other."""
    from PIL import Image

    some = images[:: -(-len(images) // 12)]
    wide, tall = some[0].size
    column = Image.new("RGB", (wide, tall * len(some)))
    for number, image in enumerate(some):
        column.paste(image, (0, number * tall))
    return column.quantize(COLOURS)
