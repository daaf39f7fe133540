"""Chinese is written without spaces, so a line that is broken in the source must leave none."""

import re

from sphinx.application import Sphinx

CHARACTER = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
BREAK = re.compile(f"(?<={CHARACTER})\n(?={CHARACTER})")


def joined(app: Sphinx, docname: str, source: list[str]) -> None:
    """Join lines between two Chinese characters."""
    if docname.startswith("zh/"):
        source[0] = BREAK.sub("", source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", joined)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
