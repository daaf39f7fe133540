"""Images that come over the network: bounded in bytes and pixels before anything decodes them."""

import io
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from handloom.errors import UserError

MOST_BYTES = 20 << 20
MOST_PIXELS = 50_000_000  # more than phones make; 150 MB as RGB
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def checked_image(content: bytes) -> bytes:
    """The same bytes, if their header is that of an image that may be decoded; else UserError."""
    if not content:
        raise UserError("there is no image in the request")
    if len(content) > MOST_BYTES:
        raise UserError(f"the image has more than {MOST_BYTES >> 20} MiB: make it smaller")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
    except Image.DecompressionBombError:  # which Pillow raises before it tells the size
        raise UserError(
            f"the image has more pixels than {MOST_PIXELS:,}, many times over: make it smaller"
        ) from None
    except Exception:  # whatever a malformed file makes a reader of headers raise
        raise UserError(
            f"this is not an image that can be read: give one of {', '.join(FORMATS)}"
        ) from None
    if width * height > MOST_PIXELS:
        raise UserError(
            f"the image has {width:,} x {height:,} pixels, more than {MOST_PIXELS:,}: make it "
            "smaller"
        )
    return content


def checked_text(text: object, most: int = 100_000) -> str:
    """A text of a request; UserError for one that is empty, too long, or not a text."""
    if not isinstance(text, str) or not text.strip():
        raise UserError("there is no text in the request")
    if len(text) > most:
        raise UserError(f"the text has more than {most:,} characters: make it shorter")
    return text


@contextmanager
def as_files(images: Sequence[bytes]) -> Iterator[list[str]]:
    """Images as files that are gone when they have been read."""
    with tempfile.TemporaryDirectory(prefix="handloom-") as folder:
        paths = [Path(folder) / f"{number}.img" for number in range(len(images))]
        for path, content in zip(paths, images, strict=True):
            path.write_bytes(content)
        yield [str(path) for path in paths]
