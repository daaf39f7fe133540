"""The samples written during training, in order."""

import io
import re
from pathlib import Path

from markupsafe import Markup
from PIL import Image
from torch import Tensor

from handloom.data.images.drawing.grid import image_of
from handloom.reports.page import image

MOST = 8  # frames
SIDE = 420  # pixels of a frame, at most
LARGEST = 200_000  # bytes of a PNG; a larger one becomes a JPEG


def filmstrip(run: Path, most: int = MOST) -> Markup | None:
    """Frames of samples/epoch-N.png and samples/step-N.png, denser at the start of training; None
    where there are none."""
    samples = _ordered(run)
    if not samples:
        return None
    last = len(samples) - 1
    chosen = sorted({round((last + 1) ** (i / (most - 1)) - 1) for i in range(most)} | {last})
    frames = [_frame(*samples[i]) for i in chosen]
    return Markup('<div class="thumbs film sheet">{}</div>').format(Markup("").join(frames))


def embed(pixels: Tensor, alt: str) -> Markup:
    """An image uint8 (H, W, C) inside the page, at most 900 pixels wide."""
    pil_image = image_of(pixels)
    pil_image.thumbnail((900, 2000))
    return Markup('<div class="sheet">{}</div>').format(image(compressed(pil_image), alt))


def compressed(pil_image: Image.Image) -> bytes:
    """The bytes of an image: PNG, or JPEG where the PNG would be large."""
    buffer = io.BytesIO()
    pil_image.save(buffer, "PNG")
    if buffer.tell() > LARGEST:
        buffer = io.BytesIO()
        pil_image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _ordered(run: Path) -> list[tuple[str, Path]]:
    """(name, file), by the step at which the sample was written."""
    from handloom.runs.directory import RunDirectory

    steps = {line["epoch"]: line["step"] for line in RunDirectory(run).metrics()}
    samples = []
    for file in (run / "samples").glob("*-*.png"):
        match = re.fullmatch(r"(epoch|step)-(\d+)", file.stem)
        if match is None:
            continue
        kind, number = match[1], int(match[2])
        # An epoch without a line of metrics is the newest one of a run in progress.
        step = number if kind == "step" else steps.get(number, 10**12 + number)
        samples.append((step, f"{kind} {number:,}", file))
    return [(name, file) for _, name, file in sorted(samples)]


def _frame(name: str, file: Path) -> Markup:
    with Image.open(file) as pil_image:
        pil_image.thumbnail((SIDE, 4 * SIDE))
        body = image(compressed(pil_image), name)
    return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(body, name)
