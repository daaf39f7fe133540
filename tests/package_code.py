"""The code of the package, as tests of its form read it."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "handloom"
FILES = sorted(PACKAGE.rglob("*.py"))


def module(path: Path) -> str:
    names = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def room(name: str) -> str:
    """handloom.data.loaders -> data; handloom.runs.directory -> runs; handloom -> handloom."""
    return name.split(".")[1] if "." in name else name


MODULES = {module(path): path for path in FILES}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def listed(offenders: list[str]) -> None:
    assert not offenders, "\n" + "\n".join(offenders)
