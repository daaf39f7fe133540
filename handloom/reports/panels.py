"""One page of panels, each what a network made: the page of `handloom demo`.

A panel has a number or some words that stand out, a sentence, the command, and images. Like every
page it is one file that loads nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from handloom.reports.page import image
from handloom.reports.panel_style import PANEL_STYLE


@dataclass(frozen=True)
class Panel:
    """A part of the page.

    title: what was done, in a word or three. figure: the number that stands out, and note: what it
    counts. text: a sentence on how. command: what a person types for it. body: HTML. seconds: how
    long it took.
    """

    title: str
    figure: str
    note: str
    text: str
    command: str
    body: Markup
    seconds: float = 0.0


class Tile(NamedTuple):
    """A small image with a line below it. kind: "good", "bad" or "", which colours its frame.

    share: of 1, drawn as a bar below the image; None draws none.
    """

    content: bytes
    line: str
    kind: str = ""
    share: float | None = None


def tiles(row: Sequence[Tile], name: str = "") -> Markup:
    """Small images side by side, with the name of the row before them where it has one."""
    made = Markup("").join(_tile(tile) for tile in row)
    before = Markup('<p class="name">{}</p>').format(name) if name else Markup("")
    return Markup('<div class="row">{}<div class="tiles">{}</div></div>').format(before, made)


def _tile(tile: Tile) -> Markup:
    bar = Markup("")
    if tile.share is not None:
        bar = Markup('<span class="share"><i style="width:{:.0f}%"></i></span>').format(
            100 * tile.share
        )
    return Markup('<figure class="tile {}">{}{}<figcaption>{}</figcaption></figure>').format(
        tile.kind, image(tile.content, tile.line), bar, tile.line
    )


def captioned(content: bytes, caption: str, kind: str = "") -> Markup:
    """A large image with a line below it."""
    return Markup('<figure class="large {}">{}<figcaption>{}</figcaption></figure>').format(
        kind, image(content, caption), caption
    )


def panels_page(panels: Sequence[Panel], heading: str, lead: str, made: str) -> str:
    """The file as text; what is not Markup is escaped."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True).from_string(LAYOUT)
    return template.render(
        panels=panels, heading=heading, lead=lead, made=made, style=Markup(PANEL_STYLE)
    )


LAYOUT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ heading }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src
 'unsafe-inline'">
<style>{{ style }}</style></head><body>
<header><p class="mark">Handloom</p><h1>{{ heading }}</h1><p class="lead">{{ lead }}</p></header>
<main>
{% for panel in panels %}
<section class="panel"><div class="head"><div class="words">
<h2>{{ panel.title }}</h2><p class="text">{{ panel.text }}</p></div>
<div class="key"><p class="figure">{{ panel.figure }}</p><p class="note">{{ panel.note }}</p></div>
</div><div class="body">{{ panel.body }}</div>
<p class="command"><code>{{ panel.command }}</code><span>{{ "%.0f"|format(panel.seconds) }} s</span>
</p></section>
{% endfor %}
</main><footer>{{ made }}</footer></body></html>
"""
