"""Where images go that a verb makes: one file, a folder of single ones, or beside the run."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.runs.files import write_whole
from handloom.wording import join_or

if TYPE_CHECKING:
    from torch import Tensor

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def check_out(
    out: Path | None, *suffixes: str, folder: bool = False, option: str = "--out"
) -> None:
    """Refuse, before any work, a place that cannot be written to.

    folder: it may be a folder. option: what it was given with.
    """
    if out is None or (folder and out.is_dir()):
        return
    if out.is_dir():
        raise UserError(
            f"{option} {out} is a folder: name a file in it, as in {out / 'x'}{suffixes[0]}"
        )
    if out.suffix.lower() not in suffixes:
        also = ", or name a folder that exists" if folder else ""
        raise UserError(f"{option} {out}: give a name that ends in {join_or(suffixes)}{also}")
    if not out.parent.is_dir():
        raise UserError(f"{option} {out}: the folder {out.parent} does not exist; make it first")


def save_image(run: Path, name: str, out: Path | None, image: "Tensor") -> Path:
    """Write one image, uint8 (H, W, C), to `out`, or to samples/NAME.png of the run."""
    path = out or run / "samples" / f"{name}.png"
    write_whole(path, encoded(image, path.suffix))
    return path


def save_folder(folder: Path, names: list[str], pixels: "Tensor") -> list[Path]:
    """Write single images, uint8 (N, H, W, C), into a folder as NAME.png."""
    from handloom.data.images.drawing.grid import png

    paths = [folder / f"{name}.png" for name in names]
    for path, image in zip(paths, pixels, strict=True):
        write_whole(path, png(image))
    return paths


def encoded(image: "Tensor", suffix: str) -> bytes:
    """The bytes of an image file, in the format that the suffix names."""
    from handloom.data.images.drawing.grid import image_of, png

    kind = FORMATS[suffix.lower()]
    if kind == "PNG":
        return png(image)
    buffer = io.BytesIO()
    image_of(image).save(buffer, kind, quality=92)
    return buffer.getvalue()
