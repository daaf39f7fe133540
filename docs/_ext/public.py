"""The directive `public`: every name of `handloom.__all__`, documented from its docstring, and what
they return."""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

RESULTS = {
    "handloom.search.index": ("Index", "Answer", "SearchResult"),
    "handloom.jobs.results": ("Latents", "Reconstructions", "Explained"),
    "handloom.export.results": ("Exported",),
    "handloom.jobs.filter.apply": ("Filtered",),
    "handloom.bundles.bundle": ("Fetched",),
    "handloom.comparison.records": ("EncoderComparison",),
}


class Public(SphinxDirective):
    """`{public} functions`, `{public} classes` or `{public} results`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        lines = StringList(list(documented(self.arguments[0])), source="handloom")
        section = nodes.section()
        section.document = self.state.document
        self.state.nested_parse(lines, 0, section)
        return section.children


def documented(kind: str) -> Iterator[str]:
    """A directive of autodoc for each public function, or each class, or each type of results."""
    import handloom

    if kind == "results":
        for module, names in RESULTS.items():
            for name in names:
                yield f".. autoclass:: {module}.{name}"
                yield from ("   :members:", "   :undoc-members:", "")

    for name in sorted(handloom.__all__):
        is_class = isinstance(getattr(handloom, name), type)
        if is_class and kind == "classes":
            yield from (f".. autoclass:: handloom.{name}", "   :members:", "   :inherited-members: "
                        "Exception,BaseException,dict,list,tuple", "")  # fmt: skip
        elif not is_class and kind == "functions":
            yield from (f".. autofunction:: handloom.{name}", "")


def without_numbers(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: Any) -> None:
    """What Python says of a field of a named tuple says nothing: its class does."""
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("public", Public)
    app.connect("autodoc-process-docstring", without_numbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
