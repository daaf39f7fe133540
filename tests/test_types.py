"""What a run's files say has a type, so that mypy finds a key that is mistyped."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .package_code import FILES, PACKAGE, listed, parsed

UNTYPED = ("dict[str, Any]", "Mapping[str, Any]", "Any")
RECORDS = {"config", "record", "evaluation", "preprocessing", "sizes", "theirs", "mine"}
ROOMS = ("jobs/", "runs/", "data/images/", "reports/", "display/")
PUBLIC = {"jobs/run.py"}  # what users of Python are given, whatever the job
MOST_UNTYPED = 190  # lines of the package with dict[str, Any]; 326 before the records had types
"""What is left crosses to JSON or to another library, or is of a job that is not known there:
options by name, what a page or a request holds, metadata of an exported file."""


def test_config_and_evaluation_of_a_run_have_types() -> None:
    """`Loaded[Record]`, with the record in the job's folder: no part of it is passed untyped."""
    offenders = []
    for path in FILES:
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith(ROOMS) and place not in PUBLIC:
            offenders += [f"{path}:{line} {name}" for name, line in untyped(path)]
    listed(offenders)


def untyped(path: Path) -> Iterator[tuple[str, int]]:
    """Arguments and fields that hold a part of config.json or evaluation.json without its type."""
    for node in ast.walk(parsed(path)):
        parts: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.arg):
            parts = [(node.arg, node.annotation)]
        elif isinstance(node, ast.ClassDef):
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            parts = [(ast.unparse(part.target), part.annotation) for part in fields]
        for name, annotation in parts:
            given = "" if annotation is None else ast.unparse(annotation).removesuffix(" | None")
            if name in RECORDS and given in UNTYPED:
                yield name, getattr(node, "lineno", 0)


def test_few_lines_have_untyped_dicts() -> None:
    lines = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
    count = sum("dict[str, Any]" in line for line in lines)
    assert count <= MOST_UNTYPED, f"{count} lines: give a record a TypedDict"
