"""Every module of the package is tested: by its mirror in tests/, or by a test that imports it."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "handloom"
EXEMPT = {"handloom.__main__"}  # run by tests/test_readme.py as `python -m handloom`


def module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    """Modules that a test names in its import statements."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_is_tested() -> None:
    named = {name for path in TESTS.rglob("*.py") for name in imported(path)}
    untested = [
        module(path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py"
        and module(path) not in named | EXEMPT
        and not (TESTS / path.relative_to(PACKAGE).with_name(f"test_{path.name}")).exists()
    ]
    assert not untested, "\n" + "\n".join(untested)
