"""Chinese pages: a line broken in the source leaves no space, and browsers know the language."""

import re
from typing import Any

from sphinx.application import Sphinx

CHARACTER = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
BREAK = re.compile(f"(?<={CHARACTER})\n {{0,3}}(?={CHARACTER})")  # indented in a list


def joined(app: Sphinx, docname: str, source: list[str]) -> None:
    """Join lines between two Chinese characters."""
    if docname.startswith("zh/"):
        source[0] = BREAK.sub("", source[0])


def in_chinese(app: Sphinx, page: str, template: str, context: dict[str, Any], _: object) -> None:
    """What browsers choose glyphs and voices by."""
    if page.startswith("zh/"):
        context["language"] = "zh-CN"


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", joined)
    app.connect("html-page-context", in_chinese)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
