"""One image file to one tensor: any mode, turned upright, over white, scaled and cropped."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from handloom.errors import UserError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
MOST_PIXELS = 89_478_485  # Pillow's own limit: 256 MiB of RGB; a decompression bomb claims more
GREY = frozenset(["1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"])
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112  # EXIF


class Undecodable(UserError):  # noqa: N818
    """An image that cannot be read; `reason` is a few words."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"'{path}' cannot be read as an image: {reason}; repair or remove it")
        self.reason = reason


class Header(NamedTuple):
    """What a file says of its image before any of it is decoded."""

    format: str
    mode: str
    width: int  # pixels, as stored
    height: int


def decode(path: str | Path, preprocessing: Mapping[str, Any]) -> Tensor:
    """The image as uint8 (H, W, C), treated as `preprocessing` says: `size`, `channels`, `fit`.

    The short side is scaled to the size, antialiased, and the middle cut out; EXIF rotation is
    followed, transparency lies over white, 16 bits become 8, of animations the first frame counts.
    Raises Undecodable, a UserError, for what is no image, damaged, or too large to be honest.
    """
    if preprocessing["fit"] != "crop":
        raise UserError(f"the fit '{preprocessing['fit']}' is unknown: only 'crop' is")
    height, width = preprocessing["size"]
    with quiet():
        pixels, _ = decode_file(Path(path), height, width, preprocessing["channels"])
    return torch.from_numpy(pixels)


def decode_file(
    path: Path, height: int, width: int, channels: int
) -> tuple["np.ndarray[Any, np.dtype[np.uint8]]", Header]:
    """As `decode`, with the header; for use in threads, inside `quiet`."""
    try:
        with _open(path) as image:
            header = Header(image.format or "", image.mode, image.width, image.height)
            if image.format in ("JPEG", "MPO"):  # MPO: several JPEGs, as phones write them
                _draft(image, max(height, width), channels)
            pixels = np.array(_fit(_flatten(_upright(image), channels), height, width))
    except Exception as error:  # whatever a malformed file makes a decoder raise
        raise Undecodable(path, _reason(path, error)) from None
    return pixels.reshape(height, width, channels), header


def probe(path: Path) -> Header:
    """The header alone, about 0.1 ms; for use in threads, inside `quiet`. Raises Undecodable."""
    try:
        with _open(path) as image:
            return Header(image.format or "", image.mode, image.width, image.height)
    except Exception as error:  # whatever a malformed file makes a decoder raise
        raise Undecodable(path, _reason(path, error)) from None


def decode_whole(path: Path) -> tuple[Image.Image, Header]:
    """The image at its own size, upright, mode RGB, transparency over white; and its header.

    Raises Undecodable, as `decode` does.
    """
    with quiet():
        try:
            with _open(path) as image:
                header = Header(image.format or "", image.mode, image.width, image.height)
                return _flatten(_upright(image), 3).copy(), header
        except Exception as error:  # whatever a malformed file makes a decoder raise
            raise Undecodable(path, _reason(path, error)) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Pillow's warnings are silenced, but that of a decompression bomb is an error.

    Filters belong to the whole process, so one is held around all threads that decode.
    """
    _plugins()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _plugins() -> None:
    """Registers the formats that are read, and not Pillow's other forty (0.1 s)."""
    from PIL import TiffImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()


def _open(path: Path) -> Image.Image:
    image = Image.open(path, formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise Image.DecompressionBombError
    return image


def _draft(image: Image.Image, size: int, channels: int) -> None:
    """Lets the JPEG decoder drop what scaling would; it keeps at least twice the final size."""
    factor = 2 * size / min(image.size)
    mode = "L" if channels == 1 and image.mode in ("RGB", "L") else image.mode
    image.draft(mode, (round(image.width * factor), round(image.height * factor)))


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError):
        turn = None  # damaged metadata spoil no image
    return image if turn is None else image.transpose(turn)


def _flatten(image: Image.Image, channels: int) -> Image.Image:
    """Mode L or RGB of 8 bits a channel, transparency over white."""
    if image.mode.startswith("I") or image.mode == "F":
        image = _to_8_bits(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    mode = "L" if channels == 1 else "RGB"
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB") if image.mode in ("LAB", "HSV", "P") else image
    return image if image.mode == mode else image.convert(mode)


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Pillow would clip at 255 instead. Floats up to 1 and integers up to 65535 fill the range."""
    values = np.nan_to_num(np.asarray(image).astype(np.float32))
    if image.mode.startswith("I;16"):
        scale = 1 / 257
    elif image.mode == "F" and values.max(initial=0) <= 1:
        scale = 255.0
    else:
        scale = 1.0 if values.max(initial=0) <= 255 else 1 / 257
    return Image.fromarray(np.clip(values * scale + 0.5, 0, 255).astype(np.uint8))


def _fit(image: Image.Image, height: int, width: int) -> Image.Image:
    if image.size == (width, height):
        return image
    scale = min(image.width / width, image.height / height)
    left = (image.width - width * scale) / 2
    top = (image.height - height * scale) / 2
    box = (left, top, left + width * scale, top + height * scale)
    # Bilinear over the area a pixel covers; whole factors are averaged away first.
    return image.resize((width, height), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return f"more than {MOST_PIXELS:,} pixels"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, UnidentifiedImageError):
        if path.stat().st_size == 0:
            return "the file is empty"
        return f"not one of the formats {', '.join(FORMATS)}"
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return "the file is cut off"
    return f"damaged ({' '.join(str(error).split())[:80] or type(error).__name__})"
