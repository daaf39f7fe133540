"""The page layout of every report: one HTML file that holds its images and loads nothing."""

import base64
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

FALLBACK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans", "Arial Unicode MS",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A heading, a sentence on what is shown, and HTML made by the functions below."""

    title: str
    text: str
    body: Markup


def page(title: str, facts: dict[str, Any], sections: list[Section]) -> str:
    """The file as text; every string is escaped, except the bodies of sections."""
    from jinja2 import Environment

    template = Environment(autoescape=True).from_string(LAYOUT)
    return template.render(title=title, facts=facts, sections=sections)


def image(content: bytes, alt: str, width: int | None = None) -> Markup:
    """A PNG, JPEG or GIF inside the page; width in CSS pixels."""
    kinds = {b"\xff\xd8": "jpeg", b"GI": "gif"}
    kind = kinds.get(content[:2], "png")
    data = base64.b64encode(content).decode()
    size = Markup(' width="{}"').format(width) if width else Markup("")
    return Markup('<img src="data:image/{};base64,{}" alt="{}"{}>').format(kind, data, alt, size)


def plot(figure: Any, alt: str) -> Markup:
    """A matplotlib figure as a PNG inside the page.

    Its texts fall back on fonts of the machine for Chinese, Japanese and Korean names; a character
    that no font has is a box.
    """
    import io
    import warnings

    from matplotlib.font_manager import fontManager
    from matplotlib.text import Text

    installed = set(fontManager.get_font_names())
    fonts = ["DejaVu Sans", *(font for font in FALLBACK_FONTS if font in installed)]
    for text in figure.findobj(Text):
        text.set_fontfamily(fonts)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
    return image(buffer.getvalue(), alt)


def plain_text(name: str, most: int = 20) -> str:
    """A name as a matplotlib text: at most so many characters, and dollars are not mathematics."""
    short = name if len(name) <= most else f"{name[: most - 2]}…"
    return short.replace("$", r"\$")


def table(headings: list[str], rows: list[list[Any]]) -> Markup:
    """A table of cells; they are escaped, unless they are Markup."""
    head = Markup("").join(Markup("<th>{}</th>").format(h) for h in headings)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(c) for c in row))
        for row in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


LAYOUT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; background: #fff }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0 }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd;
         vertical-align: top }
img { max-width: 100%; image-rendering: auto } p { max-width: 45rem }
pre { background: #f6f6f6; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
mark { border-radius: .2rem; padding: 0 .1rem }
</style></head><body>
<h1>{{ title }}</h1>
<table><tbody>{% for name, value in facts.items() %}<tr><td>{{ name }}</td><td>{{ value }}</td></tr>
{% endfor %}</tbody></table>
{% for section in sections %}<section><h2>{{ section.title }}</h2><p>{{ section.text }}</p>
{{ section.body }}</section>
{% endfor %}</body></html>
"""
