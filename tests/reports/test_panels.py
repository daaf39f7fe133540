"""A page of panels loads nothing, escapes what is not Markup, and shows what it is given."""

import io
import re

import pytest
from markupsafe import Markup
from PIL import Image

from handloom.reports.panels import Panel, Tile, captioned, panels_page, tiles


@pytest.fixture(scope="module")
def content() -> bytes:
    """A small PNG."""
    buffer = io.BytesIO()
    Image.new("L", (8, 8), 128).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_page(content: bytes) -> None:
    body = captioned(content, "<caption>", "map") + tiles([Tile(content, "7 · 45 %", "bad", 0.45)])
    panel = Panel("Classify", "99 %", "of 9", "how & why", "handloom train", body, 12.4)
    page = panels_page([panel, panel], "heading", "lead", "by <whom>")
    assert page.count('class="panel"') == 2
    assert "how &amp; why" in page
    assert "by &lt;whom&gt;" in page
    assert "&lt;caption&gt;" in page
    assert "12 s" in page
    assert 'style="width:45%"' in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "url(" not in page


def test_rows_have_names(content: bytes) -> None:
    row = tiles([Tile(content, "5")], "by pixels")
    assert isinstance(row, Markup)
    assert "by pixels" in row
    assert 'class="share"' not in row
