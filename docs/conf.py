"""How the guide is built into a site: `make site`, or `sphinx-build -W docs docs/_build`.

Sphinx, MyST and Furo, by reasons in docs/log.md. The site loads nothing from elsewhere: formulas
are MathML, which browsers show themselves.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

project = "Handloom"
author = copyright = "The authors of Handloom"
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
extensions += ["mathml", "public", "chinese", "typography"]  # in _ext/
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_ext"]
root_doc = "index"
nitpicky = False
default_role = "code"  # `name` in a docstring
keep_warnings = True

myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a page that is included may begin below the first level

html_theme = "furo"
html_title = "Handloom"
html_static_path = ["_static"]
html_css_files = ["guide.css"]
html_show_sphinx = False
html_math_renderer = "mathml"
html_copy_source = False

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
python_display_short_literal_types = True
