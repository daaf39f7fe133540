"""The directive `public`: every name of `handloom.__all__`, documented from its docstring."""

from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Public(SphinxDirective):
    """`{public} functions` or `{public} classes`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        lines = StringList(list(documented(self.arguments[0])), source="handloom")
        section = nodes.section()
        section.document = self.state.document
        self.state.nested_parse(lines, 0, section)
        return section.children


def documented(kind: str) -> Iterator[str]:
    """A directive of autodoc for each public function, or each public class."""
    import handloom

    for name in sorted(handloom.__all__):
        is_class = isinstance(getattr(handloom, name), type)
        if is_class and kind == "classes":
            yield from (f".. autoclass:: handloom.{name}", "   :members:", "   :inherited-members: "
                        "Exception,dict,list,tuple", "")  # fmt: skip
        elif not is_class and kind == "functions":
            yield from (f".. autofunction:: handloom.{name}", "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("public", Public)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
