"""One image file to one tensor: any mode, upright, over a background, in the shape asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np
from PIL import Image, UnidentifiedImageError

from handloom.data.images.deep import is_deep, to_8_bits
from handloom.data.images.deep_colour import deep_bands, narrowed, stored_mode
from handloom.data.images.fit import COLOURS, FILTERS, fitted
from handloom.data.images.heic import has_plugin, is_heic, open_heic
from handloom.data.images.reading import Background, FitMode, Interpolation, Preprocessing
from handloom.data.images.reasons import FORMATS, MOST_PIXELS, reason_of
from handloom.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

GREY = frozenset(["1", "L", "LA", "La", "LA;16", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"])
PAGES = ("GIF", "PNG", "WEBP", "TIFF", "AVIF")  # of MPO, what follows the photo is no other image
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
FITS = get_args(FitMode)


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
    is_transparent: bool = False  # in places; known once the image is decoded
    aspect: float = 1.0  # width to height, upright; known once the image is decoded
    has_pages: bool = False  # or frames, of which the first is read
    is_blank: bool = False  # of a single colour; known once the image is decoded

    @property
    def is_deep(self) -> bool:
        """Whether a channel has more than 8 bits."""
        return is_deep(self.mode)


class Treatment(NamedTuple):
    """How every image of a set is treated: `preprocessing` in a form that is checked."""

    height: int  # pixels
    width: int
    channels: int  # 1 or 3
    fit: FitMode = "crop"
    background: Background = "white"
    levels: tuple[float, float] | None = None  # values that become 0 and 255; None: by the mode
    crop: float = 1.0  # share of both sides that is kept of what the fit takes
    interpolation: Interpolation = "bilinear"

    @classmethod
    def of(cls, preprocessing: Preprocessing) -> Treatment:
        """From config.json; raises UserError for a value that is not known."""
        fit, background = preprocessing["fit"], preprocessing.get("background", "white")
        if fit not in FITS:
            raise UserError(f"the fit '{fit}' is unknown: it must be {', '.join(FITS)}")
        if background not in COLOURS:
            raise UserError(
                f"the background '{background}' is unknown: it must be {', '.join(COLOURS)}"
            )
        crop = preprocessing.get("crop", 1.0)
        if not 0 < crop <= 1:
            raise UserError(f"the crop {crop} is out of range: it must be above 0 and at most 1")
        interpolation = preprocessing.get("interpolation", "bilinear")
        if interpolation not in FILTERS:
            raise UserError(
                f"the interpolation '{interpolation}' is unknown: it must be {', '.join(FILTERS)}"
            )
        height, width = preprocessing["size"]
        levels = preprocessing.get("levels")
        known = None if levels is None else (levels[0], levels[1])
        channels = preprocessing["channels"]
        return cls(height, width, channels, fit, background, known, crop, interpolation)


def decode(path: str | Path, preprocessing: Preprocessing) -> Tensor:
    """The image as uint8 (H, W, C), treated as `preprocessing` says.

    It is scaled with antialiasing; EXIF rotation is followed, transparency lies over the
    background, more than 8 bits become 8 by the levels of the set, of animations the first frame
    counts. Raises Undecodable, a UserError, for what is not an image, damaged or too large.
    """
    import torch

    treatment = Treatment.of(preprocessing)
    with quiet():
        pixels, _ = decode_file(Path(path), treatment)
    return torch.from_numpy(pixels)


def decode_file(
    path: Path, treatment: Treatment
) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Header]:
    """As `decode`, with the header; for use in threads, inside `quiet`."""
    height, width, channels = treatment[:3]
    shape = (height, width, treatment.fit, treatment.background)
    try:
        with _open(path) as image:
            header = _header(image)
            if image.format in ("JPEG", "MPO"):  # MPO: several JPEGs, as phones write them
                _draft(image, max(height, width) / treatment.crop, channels)
            upright = _upright(_narrow(path, image, treatment.levels))
            aspect = upright.width / upright.height
            header = header._replace(is_transparent=_is_transparent(upright), aspect=aspect)
            flat = _flatten(upright, channels, treatment.background, treatment.levels)
            pixels = np.array(fitted(flat, *shape, treatment.crop, treatment.interpolation))
    except Exception as error:  # whatever a malformed file makes a decoder raise
        raise Undecodable(path, reason_of(path, error)) from None
    pixels = pixels.reshape(height, width, channels)
    return pixels, header._replace(is_blank=bool((pixels == pixels[:1, :1]).all()))


def probe(path: Path) -> Header:
    """The header alone, about 0.1 ms; for use in threads, inside `quiet`. Raises Undecodable."""
    try:
        with _open(path) as image:
            return _header(image)
    except Exception as error:  # whatever a malformed file makes a decoder raise
        raise Undecodable(path, reason_of(path, error)) from None


def deep_values(path: Path) -> np.ndarray[Any, Any]:
    """The values (H, W) or (H, W, C), without transparency, of an image of more than 8 bits as they
    are; raises Undecodable."""
    try:
        with _open(path) as image:
            if stored_mode(image) == image.mode:
                return np.array(image)
            with _open(path) as again:
                bands = deep_bands(image, again)
            return bands[..., : 3 if bands.shape[2] > 2 else 1]
    except Exception as error:  # whatever a malformed file makes a decoder raise
        raise Undecodable(path, reason_of(path, error)) from None


def decode_whole(path: Path) -> tuple[Image.Image, Header]:
    """The image at its own size, upright, mode RGB, transparency over white; and its header.

    Raises Undecodable, as `decode` does.
    """
    with quiet():
        try:
            with _open(path) as image:
                header = _header(image)
                upright = _upright(_narrow(path, image, None))
                header = header._replace(is_transparent=_is_transparent(upright))
                return _flatten(upright, 3, "white", None).copy(), header
        except Exception as error:  # whatever a malformed file makes a decoder raise
            raise Undecodable(path, reason_of(path, error)) from None


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
    from PIL import AvifImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()


def _header(image: Image.Image) -> Header:
    has_pages = image.format in PAGES and bool(getattr(image, "is_animated", False))
    mode = stored_mode(image)
    return Header(image.format or "", mode, image.width, image.height, has_pages=has_pages)


def _open(path: Path) -> Image.Image:
    image = _opened(path)
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise Image.DecompressionBombError
    return image


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=FORMATS)
    except UnidentifiedImageError:
        if not (has_plugin() and is_heic(path)):
            raise
        return open_heic(path)


def _draft(image: Image.Image, size: float, channels: int) -> None:
    """Lets the JPEG decoder drop what scaling would; it keeps at least twice the final size.

    size: what the shorter side becomes, pixels.
    """
    factor = 2 * size / min(image.size)
    mode = "L" if channels == 1 and image.mode in ("RGB", "L") else image.mode
    image.draft(mode, (round(image.width * factor), round(image.height * factor)))


def _narrow(path: Path, image: Image.Image, levels: tuple[float, float] | None) -> Image.Image:
    """An image that Pillow has a mode for: itself, or that of 16 bits a channel with 8."""
    if stored_mode(image) == image.mode:
        return image
    with _open(path) as again:
        return narrowed(image, again, levels)


def _upright(image: Image.Image) -> Image.Image:
    image.load()  # Pillow turns a TIFF itself, and forgets its orientation
    try:
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError):
        turn = None  # damaged metadata spoil no image
    return image if turn is None else image.transpose(turn)


def _is_transparent(image: Image.Image) -> bool:
    """Whether any pixel is not opaque; costs nothing for images without transparency."""
    if not image.has_transparency_data:
        return False
    layer = image if "A" in image.getbands() else image.convert("RGBA")
    alpha = layer.getchannel("A")
    return int(np.asarray(alpha).min(initial=255)) < 255


def _flatten(
    image: Image.Image, channels: int, background: str, levels: tuple[float, float] | None
) -> Image.Image:
    """Mode L or RGB of 8 bits a channel, transparency over the background."""
    if is_deep(image.mode):
        image = Image.fromarray(to_8_bits(np.asarray(image), image.mode, levels))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, COLOURS[background])
        image.alpha_composite(layer)
    mode = "L" if channels == 1 else "RGB"
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB") if image.mode in ("LAB", "HSV", "P") else image
    return image if image.mode == mode else image.convert(mode)
