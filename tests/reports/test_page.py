"""The page of a report: everything in one file, everything escaped, nothing loaded."""

import io
import re

import pytest
from markupsafe import Markup
from PIL import Image

from handloom.reports.page import Page, Section, image, paragraph, render, table

NASTY = "<script>alert(1)</script>"


def test_everything_but_markup_is_escaped() -> None:
    html = render(
        Page(
            lead=[NASTY, Markup("<b>bold</b>")],
            sections=[Section(f"<title>{NASTY}", NASTY, Markup("<i>body</i>"))] * 2,
            title=NASTY,
            job=NASTY,
            advice=[NASTY],
            facts={NASTY: NASTY, "empty": ""},
            repeat=[NASTY],
            made=NASTY,
        )
    )
    assert "<script>" not in html
    assert html.count("&lt;script&gt;alert(1)") >= 9
    assert "<i>body</i>" in html
    assert "<b>bold</b>" in html
    assert "empty" not in html


def test_nothing_is_loaded_and_nothing_may_be() -> None:
    sections = [Section("Some title", "text", paragraph("b")), Section("Other", "", Markup(""))]
    html = render(Page(lead=["a"], sections=sections))
    assert not re.search(r"https?:", html)
    assert "default-src 'none'" in html
    assert 'href="#some-title"' in html
    assert 'id="some-title"' in html
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport"' in html


def test_links_to_sections_stand_where_there_are_several() -> None:
    sections = [Section("First", "", Markup("")), Section("Second", "", Markup(""))]
    assert "<nav>" in render(Page(lead=["a"], sections=sections))
    assert "<nav>" not in render(Page(lead=["a"], sections=sections[:1]))


def test_tables_escape_cells_that_are_not_markup() -> None:
    html = table(["<h>", "n"], [["<c>", 1000], [Markup("<b>bold</b>"), 2]])
    assert "&lt;h&gt;" in html
    assert "&lt;c&gt;" in html
    assert "<b>bold</b>" in html
    assert '<td class="number">1,000</td>' in html


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_images_are_inside_the_page(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("L", (3, 2)).save(buffer, kind)
    html = image(buffer.getvalue(), 'a "quoted" name', 30)
    assert f"data:image/{kind.lower()};base64," in html
    assert "a &#34;quoted&#34; name" in html
    assert 'width="30"' in html
