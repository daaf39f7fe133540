"""The page of every report: one HTML file that holds its images and loads nothing."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from handloom.reports.style import STYLE


@dataclass(frozen=True)
class Section:
    """A heading, a sentence on what is shown, and HTML made by the functions below.

    short: what it is called in the row of links at the top; None takes the heading.
    """

    title: str
    text: str
    body: Markup
    short: str | None = None

    @property
    def anchor(self) -> str:
        """Its place in the page."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


Facts = dict[str, str | float | None]
"""Names and values at the end of a page; what is None or empty is left out."""


@dataclass(frozen=True)
class Page:
    """What stands on a page; every string is escaped, what is Markup stays.

    lead: what was trained, and how good it is, a sentence each. title: what the run was trained
    on. job: its name. figure: below the lead, or nothing. advice: what to do next, a sentence each.
    facts: names and values at the end. repeat: commands that make the run again. made: by what, and
    when.
    """

    lead: Sequence[str]
    sections: Sequence[Section]
    title: str = ""
    job: str = ""
    advice: Sequence[str] = ()
    figure: Markup | None = None
    facts: Facts | None = None
    repeat: Sequence[str] = ()
    made: str = ""


def render(page: Page) -> str:
    """The file as text."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True).from_string(LAYOUT)
    facts = (
        {} if page.facts is None else {k: v for k, v in page.facts.items() if v not in ("", None)}
    )
    return template.render(page=page, style=Markup(STYLE), facts=facts)


def image(content: bytes, alt: str, width: int | None = None) -> Markup:
    """A PNG, JPEG or GIF inside the page; width in CSS pixels."""
    kinds = {b"\xff\xd8": "jpeg", b"GI": "gif"}
    kind = kinds.get(content[:2], "png")
    data = base64.b64encode(content).decode()
    size = Markup(' width="{}"').format(width) if width else Markup("")
    return Markup('<img src="data:image/{};base64,{}" alt="{}"{}>').format(kind, data, alt, size)


def table(headings: list[str], rows: list[list[Any]], numbers: bool = True) -> Markup:
    """A table of cells, which scrolls where it is too wide; cells are escaped, unless they are
    Markup. numbers: columns of numbers are aligned on the right."""
    is_number = [
        numbers and bool(rows) and all(isinstance(row[i], int | float) for row in rows)
        for i in range(len(headings))
    ]
    kinds = [Markup(' class="number"') if yes else Markup("") for yes in is_number]
    head = _row("th", headings, kinds)
    body = Markup("").join(_row("td", row, kinds) for row in rows)
    return Markup(
        '<div class="wide"><table><thead>{}</thead><tbody>{}</tbody></table></div>'
    ).format(head, body)


def paragraph(text: str) -> Markup:
    """A paragraph of its own inside a body."""
    return Markup("<p>{}</p>").format(text)


def _row(tag: str, cells: Sequence[Any], kinds: Sequence[Markup]) -> Markup:
    made = Markup("").join(
        Markup("<{}{}>{}</{}>").format(tag, kind, _shown(cell), tag)
        for cell, kind in zip(cells, kinds, strict=True)
    )
    return Markup("<tr>{}</tr>").format(made)


def _shown(cell: Any) -> Any:
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else cell


LAYOUT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ page.title }} – {{ page.job }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src
 'unsafe-inline'; script-src 'unsafe-inline'">
<style>{{ style }}</style></head><body>
<header><p class="job">Handloom · {{ page.job }}</p><h1>{{ page.title }}</h1>
<div class="lead">{% for sentence in page.lead %}<p>{{ sentence }}</p>{% endfor %}</div>
{% if page.figure %}{{ page.figure }}{% endif %}
{% if page.advice %}
<div class="advice"><h2>What to do next</h2><ol>
{% for sentence in page.advice %}<li>{{ sentence }}</li>{% endfor %}</ol></div>
{% endif %}
{% if page.sections|length > 1 %}
<nav>{% for section in page.sections %}
<a href="#{{ section.anchor }}">{{ section.short or section.title }}</a>
{% endfor %}</nav>
{% endif %}
</header><main>
{% for section in page.sections %}
<section id="{{ section.anchor }}"><h2>{{ section.title }}</h2>
{% if section.text %}<p class="about">{{ section.text }}</p>{% endif %}
{{ section.body }}</section>
{% endfor %}
{% if facts %}
<section id="details"><h2>Details</h2><div class="wide"><table><tbody>
{% for name, value in facts.items() %}<tr><td>{{ name }}</td><td>{{ value }}</td></tr>
{% endfor %}</tbody></table></div></section>
{% endif %}
</main><footer>{% if page.repeat %}<h2>To repeat it</h2><pre>
{%- for line in page.repeat %}{{ line }}
{% endfor %}</pre>{% endif %}<p>{{ page.made }}</p></footer></body></html>
"""
