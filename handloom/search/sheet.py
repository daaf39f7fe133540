"""A contact sheet of answers: the query on the left, what was found beside it, best first."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

    from handloom.search.index import Answer

SIDE = 180  # pixels of the square that an image is fitted into
GAP, MARGIN, LINE, PADDING = 14, 18, 19, 8  # pixels
WORDS = 15  # pixels of the letters of a text that stands in place of an image
TALL = SIDE + 2 * LINE + GAP + 6
COLUMNS = 6  # of what was found
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
INK, PALE, FRAME = "#222222", "#777777", "#dddddd"
RIGHT, WRONG = "#2e7d32", "#c62828"


class Row(NamedTuple):
    """An answer to show. expected: what should have been found, in words; image: of it. title:
    what stands below the query. right: which results are expected, green, the others red; empty
    where that is not known."""

    answer: "Answer"
    expected: str | None = None
    image: Path | None = None
    title: str = "query"
    right: Sequence[bool] = ()


def sheet(rows: Sequence[Row]) -> "Image.Image":
    """Answers below each other: the query, what was expected where that is said, the results."""
    from PIL import Image, ImageDraw

    columns = max(1, min(COLUMNS, max(len(row.answer.results) for row in rows)))
    lines = [max(1, -(-len(row.answer.results) // columns)) for row in rows]
    before = 2 if any(row.image is not None for row in rows) else 1
    left = MARGIN + before * (SIDE + GAP) + 2 * GAP
    width = left + columns * (SIDE + GAP) - GAP + MARGIN
    whole = Image.new("RGB", (width, 2 * MARGIN + sum(lines) * TALL - GAP), "white")
    draw, top = ImageDraw.Draw(whole), MARGIN
    for row, count in zip(rows, lines, strict=True):
        words, query = row.answer.words, row.answer.query
        name = query.name if query is not None else "" if words is not None else "a sum of queries"
        if row.image is not None:
            spot = MARGIN + SIDE + GAP, top
            _cell(whole, draw, spot, row.image, "expected", row.image.name)
        elif row.expected is not None:
            name = f"expected {row.expected}"
        _cell(whole, draw, (MARGIN, top), query, row.title, name)
        if words is not None:
            _words(draw, (MARGIN, top), words)
        bar = left - 3 * GAP // 2
        draw.line([(bar, top), (bar, top + count * TALL - GAP)], FRAME, 2)
        _results(whole, draw, (left, top), row, columns)
        top += count * TALL
    return whole


def encoded(whole: "Image.Image", suffix: str) -> bytes:
    """The bytes of an image file, in the format that the suffix names."""
    buffer = io.BytesIO()
    whole.save(buffer, FORMATS[suffix.lower()], quality=92)
    return buffer.getvalue()


def _results(
    whole: "Image.Image", draw: "ImageDraw.ImageDraw", spot: tuple[int, int], row: Row,
    columns: int,
) -> None:  # fmt: skip
    (left, top), answer = spot, row.answer
    if not answer.results:
        _text(draw, (left, top + SIDE // 2), "nothing here", PALE, 16)
    for place, result in enumerate(answer.results):
        across, down = place % columns, place // columns
        copies = f"  +{len(result.copies)}" if result.copies else ""
        spot, is_text = (left + across * (SIDE + GAP), top + down * TALL), result.kind == "texts"
        _cell(
            whole, draw, spot, None if is_text else Path(result.path),
            f"{result.score:.3f}{copies}", result.label or Path(result.path).name,
        )  # fmt: skip
        if is_text:
            _words(draw, spot, result.text or "")
        if row.right:
            (x, y), colour = spot, RIGHT if row.right[place] else WRONG
            draw.rectangle([x - 3, y - 3, x + SIDE + 2, y + SIDE + 2], outline=colour, width=3)


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
            whole_times = SIDE // max(image.size)  # small ones, pixel by pixel
            image = image.resize((image.width * whole_times, image.height * whole_times), 0)
            place = left + (SIDE - image.width) // 2, top + (SIDE - image.height) // 2
            whole.paste(image, place)
    _text(draw, (left, top + SIDE + 5), title, INK, 15)
    _text(draw, (left, top + SIDE + 5 + LINE), _fitting(name, 13), PALE, 13)


def _words(draw: "ImageDraw.ImageDraw", spot: tuple[int, int], words: str) -> None:
    """A text in place of an image, as much of it as fits."""
    from handloom.data.images.drawing.lettering import font

    letters, lines = font(words, WORDS), [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters.getlength(longer) > SIDE - 2 * PADDING:
            lines.append(word)
        else:
            lines[-1] = longer
    left, top = spot[0] + PADDING, spot[1] + PADDING
    for row, line in enumerate(lines[: (SIDE - 2 * PADDING) // LINE]):
        _text(draw, (left, top + row * LINE), _fitting(line, WORDS, SIDE - 2 * PADDING), INK, WORDS)


def _text(
    draw: "ImageDraw.ImageDraw", spot: tuple[int, int], text: str, colour: str, size: int
) -> None:
    from handloom.data.images.drawing.lettering import font

    draw.text(spot, text, colour, font(text, size))


def _fitting(text: str, size: int, width: int = SIDE) -> str:
    """A text that fits below an image; the beginning of a name is what is cut."""
    from handloom.data.images.drawing.lettering import font

    if font(text, size).getlength(text) <= width:
        return text
    letters = font("…", size)
    while text and letters.getlength(f"…{text}") > width:
        text = text[1:]
    return f"…{text}"
