"""HEIC, as phones write photos: read where the plugin pillow-heif is installed."""

from functools import cache
from pathlib import Path

from PIL import Image

from handloom.extras import has

BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
ADVICE = "HEIC needs a plugin: pip install pillow-heif, or convert it to JPEG or PNG"


@cache
def has_plugin() -> bool:
    """Whether HEIC can be read here."""
    return has("heic")


def is_heic(path: Path) -> bool:
    """Whether a file begins as HEIC does, whatever its name."""
    with path.open("rb") as file:
        start = file.read(12)
    return start[4:8] == b"ftyp" and start[8:] in BRANDS


def open_heic(path: Path) -> Image.Image:
    """The image, which the plugin turns upright. Raises what a damaged file makes it raise."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return Image.open(path, formats=("HEIF",))
