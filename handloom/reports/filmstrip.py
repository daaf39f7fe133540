"""The images drawn while training, in order."""

import io
import re
from pathlib import Path

from markupsafe import Markup
from PIL import Image
from torch import Tensor

from handloom.data.images.grid import image_of
from handloom.reports.page import image

MOST = 8  # frames
SIDE = 420  # pixels of a frame, at most
LARGEST = 200_000  # bytes of an image without loss; more than that is kept as JPEG


def filmstrip(run: Path, most: int = MOST) -> Markup | None:
    """Frames of samples/epoch-N.png and samples/step-N.png, closer together at the beginning;
    None where there are none."""
    found = _ordered(run)
    if not found:
        return None
    last = len(found) - 1
    chosen = sorted({round((last + 1) ** (i / (most - 1)) - 1) for i in range(most)} | {last})
    frames = [_frame(*found[i]) for i in chosen]
    return Markup('<div style="display:flex;flex-wrap:wrap;gap:1rem">{}</div>').format(
        Markup("").join(frames)
    )


def shown(pixels: Tensor, alt: str) -> Markup:
    """One image, uint8 (H, W, C), inside the page, at most 900 pixels wide."""
    pil_image = image_of(pixels)
    pil_image.thumbnail((900, 2000))
    return image(small(pil_image), alt)


def small(pil_image: Image.Image) -> bytes:
    """An image's bytes: PNG, or JPEG where that would be large."""
    buffer = io.BytesIO()
    pil_image.save(buffer, "PNG")
    if buffer.tell() > LARGEST:
        buffer = io.BytesIO()
        pil_image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _ordered(run: Path) -> list[tuple[str, Path]]:
    """(what it is called, file), by the step at which it was drawn."""
    from handloom.runs.directory import RunDirectory

    steps = {line["epoch"]: line["step"] for line in RunDirectory(run).metrics()}
    found = []
    for file in (run / "samples").glob("*-*.png"):
        match = re.fullmatch(r"(epoch|step)-(\d+)", file.stem)
        if match is None:
            continue
        kind, number = match[1], int(match[2])
        # An epoch without a line is one of a run that is still going on: the newest.
        step = number if kind == "step" else steps.get(number, 10**12 + number)
        found.append((step, f"{kind} {number:,}", file))
    return [(name, file) for _, name, file in sorted(found)]


def _frame(name: str, file: Path) -> Markup:
    with Image.open(file) as pil_image:
        pil_image.thumbnail((SIDE, 4 * SIDE))
        made = image(small(pil_image), name, SIDE // 2)
    return Markup('<figure style="margin:0">{}<figcaption>{}</figcaption></figure>').format(
        made, name
    )
