"""What is not a small image is refused by its header."""

import io
import struct
import zlib

import pytest
from PIL import Image

from handloom.errors import UserError
from handloom.studio.uploads import MOST_BYTES, checked_image, checked_text


def png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))
            + chunk(b"IEND", b""))  # fmt: skip


def test_an_image_passes() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG")
    assert checked_image(buffer.getvalue()) == buffer.getvalue()


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"x" * 100, b"%!PS-Adobe-3.0 EPSF-3.0",
                                     png(30_000, 30_000), bytes(MOST_BYTES + 1)])  # fmt: skip
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(UserError):
        checked_image(content)


@pytest.mark.parametrize("side", [8_000, 30_000])
def test_too_many_pixels_are_called_that(side: int) -> None:
    with pytest.raises(UserError, match=r"pixels.*make it smaller"):
        checked_image(png(side, side))


def test_texts() -> None:
    assert checked_text("a") == "a"
    for text in (None, "", "  ", 3, "x" * 100_001):
        with pytest.raises(UserError):
            checked_text(text)
