"""The page of a report: everything in one file, everything escaped."""

import base64
import io
import re

import pytest
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from handloom.reports.page import Section, image, page, plain_text, plot, table


def test_everything_but_a_body_is_escaped() -> None:
    html = page("<run>", {"data": "<b>"}, [Section("<title>", "<text>", Markup("<i>body</i>"))])
    assert "<run>" not in html
    assert "&lt;run&gt;" in html
    assert "&lt;b&gt;" in html
    assert "&lt;text&gt;" in html
    assert "<i>body</i>" in html
    assert not re.search(r"(src|href)=[\"']https?:", html), "the page must work offline"


def test_tables_escape_cells_that_are_not_markup() -> None:
    html = table(["<h>"], [["<c>"], [Markup("<b>bold</b>")]])
    assert "&lt;h&gt;" in html
    assert "&lt;c&gt;" in html
    assert "<b>bold</b>" in html


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_images_are_inside_the_page(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("L", (3, 2)).save(buffer, kind)
    html = image(buffer.getvalue(), 'a "quoted" name', 30)
    assert f"data:image/{kind.lower()};base64," in html
    assert "a &#34;quoted&#34; name" in html
    assert 'width="30"' in html


@pytest.mark.parametrize(
    "name", ["a$b$c", "$", "$\\frac$", "\u732b", "\x1b[31m", "_hidden", "x" * 100, "100 %"]
)
def test_a_plot_takes_any_name(name: str) -> None:
    """Warnings are errors here: of a glyph that no font has there must be none."""
    figure = Figure(figsize=(2, 2))
    axes = figure.subplots()
    axes.set_xticks([0, 1], [plain_text(name), "other"])
    axes.set_title(plain_text(name))
    html = plot(figure, name)
    encoded = re.search(r"base64,([^\"]+)", html)
    assert encoded is not None
    with Image.open(io.BytesIO(base64.b64decode(encoded.group(1)))) as drawing:
        assert drawing.width > 100
