"""Included code ends with its last line, and a number stays on one line with its unit."""

import re

from docutils import nodes
from sphinx.application import Sphinx

UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|kB|MB|GB|MiB|GiB)(?!\w))")
VERBATIM = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)


def typeset(app: Sphinx, doctree: nodes.document) -> None:
    """Changes the page in place."""
    for block in doctree.findall(nodes.literal_block):
        block.rawsource = block.astext().rstrip()
        block[:] = [nodes.Text(block.rawsource)]
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, VERBATIM) and UNIT.search(text):
            text.parent.replace(text, nodes.Text(UNIT.sub("\N{NO-BREAK SPACE}", text)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("doctree-read", typeset)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
