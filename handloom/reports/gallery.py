"""Images inside a page, small and bounded in bytes."""

import io
from collections.abc import Sequence

from markupsafe import Markup
from PIL import Image
from torch import Tensor

from handloom.data.images.drawing.grid import image_of
from handloom.reports.page import image

SIDE = 144  # pixels of a thumbnail, at most
SHARP = 64  # pixels; images that are not larger are shown pixel by pixel
MOST_BYTES = 4_000_000  # of all thumbnails of a page


class Gallery:
    """Thumbnails of one page, until they take up so many bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.left = most_bytes

    @property
    def is_full(self) -> bool:
        """Whether the page has no room for more."""
        return self.left <= 0

    def thumbnail(self, pixels: Tensor, alt: str) -> Markup:
        """An image uint8 (H, W, C) inside the page; its description where the page is full."""
        if self.is_full:
            return Markup('<span class="quiet">{}</span>').format(alt)
        content = encoded(pixels)
        self.left -= len(content) * 4 // 3
        return image(content, alt)


def encoded(pixels: Tensor) -> bytes:
    """A small image's file: PNG of at most 64 pixels a side, JPEG of at most 144."""
    height, width = pixels.shape[:2]
    pil_image, buffer = image_of(pixels), io.BytesIO()
    if max(height, width) <= SHARP:
        pil_image.save(buffer, "PNG")
        return buffer.getvalue()
    pil_image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    pil_image.convert("RGB").save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def figure(body: Markup, *lines: Markup | str, file: str = "") -> Markup:
    """An image with lines below it, the last the name of its file."""
    captions = [Markup("{}<br>").format(line) for line in lines if line]
    name = Markup('<span class="file">{}</span>').format(file) if file else Markup("")
    return Markup("<figure>{}<figcaption>{}{}</figcaption></figure>").format(
        body, Markup("").join(captions), name
    )


def pair(left: Markup, right: Markup) -> Markup:
    """Two images beside each other, for one figure."""
    return Markup('<div class="pair">{}{}</div>').format(left, right)


def thumbs(figures: Sequence[Markup], is_sharp: bool = False, are_pairs: bool = False) -> Markup:
    """Figures in rows. is_sharp: pixels stay pixels."""
    kinds = "thumbs" + (" sharp" if is_sharp else "") + (" twins" if are_pairs else "")
    return Markup('<div class="{}">{}</div>').format(kinds, Markup("").join(figures))
