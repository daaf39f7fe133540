"""Why a file cannot be read as an image, in a few words."""

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from handloom.data.images.heic import ADVICE, has_plugin, is_heic
from handloom.wording import reason

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
MOST_PIXELS = 89_478_485  # Pillow's own limit: 256 MiB of RGB; a decompression bomb claims more


def reason_of(path: Path, error: Exception) -> str:
    """Of whatever a decoder raised."""
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return f"more than {MOST_PIXELS:,} pixels"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, UnidentifiedImageError):
        if path.stat().st_size == 0:
            return "the file is empty"
        return _not_an_image(path)
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return "the file is cut off"
    return f"damaged ({reason(error, 80)})"


def _not_an_image(path: Path) -> str:
    """What else a file is, by its first bytes."""
    with path.open("rb") as file:
        start = file.read(64)
    if is_heic(path):
        return "damaged HEIC" if has_plugin() else ADVICE
    if start.lstrip()[:1] == b"<":
        return "a page of HTML or XML, not an image"
    if start.startswith(b"%PDF"):
        return "a PDF, not an image"
    return f"not one of the formats {', '.join(FORMATS)}"
