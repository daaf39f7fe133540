"""A contact sheet of answers: the query on the left, what was found beside it, best first."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

    from handloom.search.index import Answer

SIDE = 180  # pixels of the square that an image is fitted into
GAP, MARGIN, LINE = 14, 18, 19  # pixels
COLUMNS = 6  # of what was found
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
INK, PALE, FRAME = "#222222", "#777777", "#dddddd"


def sheet(answers: Sequence["Answer"], notes: Sequence[str] = ()) -> "Image.Image":
    """Answers below each other. notes: one for each, under its query, in place of its name."""
    from PIL import Image, ImageDraw

    columns = max(1, min(COLUMNS, max(len(answer.results) for answer in answers)))
    rows = [max(1, -(-len(answer.results) // columns)) for answer in answers]
    tall = SIDE + 2 * LINE + GAP + 6
    width = 2 * MARGIN + SIDE + 3 * GAP + columns * (SIDE + GAP) - GAP
    whole = Image.new("RGB", (width, 2 * MARGIN + sum(rows) * tall - GAP), "white")
    draw, top = ImageDraw.Draw(whole), MARGIN
    for place, (answer, count) in enumerate(zip(answers, rows, strict=True)):
        _answer(whole, draw, top, answer, columns, notes[place] if notes else None)
        bottom = top + count * tall - GAP
        left = MARGIN + SIDE + 3 * GAP // 2
        draw.line([(left, top), (left, bottom)], FRAME, 2)
        top = bottom + GAP
    return whole


def encoded(whole: "Image.Image", suffix: str) -> bytes:
    """The bytes of an image file, in the format that the suffix names."""
    buffer = io.BytesIO()
    whole.save(buffer, FORMATS[suffix.lower()], quality=92)
    return buffer.getvalue()


def _answer(
    whole: "Image.Image", draw: "ImageDraw.ImageDraw", top: int, answer: "Answer", columns: int,
    note: str | None,
) -> None:  # fmt: skip
    name = "a sum of images" if answer.query is None else answer.query.name
    _cell(whole, draw, (MARGIN, top), answer.query, "query", note or name)
    left = MARGIN + SIDE + 3 * GAP
    if not answer.results:
        _text(draw, (left, top + SIDE // 2), "nothing here", PALE, 16)
    for place, result in enumerate(answer.results):
        across, down = place % columns, place // columns
        spot = left + across * (SIDE + GAP), top + down * (SIDE + 2 * LINE + GAP + 6)
        copies = f"  +{len(result.copies)}" if result.copies else ""
        title = f"{result.score:.3f}{copies}"
        _cell(whole, draw, spot, Path(result.path), title, result.label or Path(result.path).name)


def _cell(
    whole: "Image.Image", draw: "ImageDraw.ImageDraw", spot: tuple[int, int], path: Path | None,
    title: str, name: str,
) -> None:  # fmt: skip
    from handloom.data.images.decode import Undecodable, decode_whole

    left, top = spot
    draw.rectangle([left - 1, top - 1, left + SIDE, top + SIDE], "#f4f4f4", FRAME)
    if path is not None:
        try:
            image, _ = decode_whole(path)
        except Undecodable as error:
            _text(draw, (left + 8, top + SIDE // 2), _fitting(error.reason, 13), PALE, 13)
        else:
            image.thumbnail((SIDE, SIDE))
            place = left + (SIDE - image.width) // 2, top + (SIDE - image.height) // 2
            whole.paste(image, place)
    _text(draw, (left, top + SIDE + 5), title, INK, 15)
    _text(draw, (left, top + SIDE + 5 + LINE), _fitting(name, 13), PALE, 13)


def _text(
    draw: "ImageDraw.ImageDraw", spot: tuple[int, int], text: str, colour: str, size: int
) -> None:
    from handloom.data.images.lettering import font

    draw.text(spot, text, colour, font(text, size))


def _fitting(text: str, size: int) -> str:
    """A text that fits below an image; the beginning of a name is what is cut."""
    from handloom.data.images.lettering import font

    letters = font(text, size)
    if letters.getlength(text) <= SIDE:
        return text
    while text and letters.getlength(f"…{text}") > SIDE:
        text = text[1:]
    return f"…{text}"
