"""A name stands for one thing, and one thing has one word."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from .package_code import MODULES, PACKAGE, listed, parsed, room

# Public types whose name stands in several modules, and why.
SAME_IN_EVERY_JOB = {"Config", "Resolved", "EvaluateOptions", "SampleOptions"}  # its options
SAME_IN_EVERY_JOB |= {"Record", "NetworkSizes", "Evaluation"}  # what its files say
NAMED_TWICE = {"Batch": ["handloom.data.loaders", "handloom.engine.objective"]}  # data: no engine


def test_top_level_names_are_unique() -> None:
    """No file stands beside a folder of the same name."""
    top = [path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()]
    listed([name for name in set(top) if top.count(name) > 1])


def test_a_type_has_a_name_of_its_own() -> None:
    """A class, or an alias of a type, that is public stands in one module."""
    places: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        for node in parsed(path).body:
            for public in type_names(node):
                places.setdefault(public, []).append(name)
    doubles = {name: found for name, found in places.items() if len(found) > 1}
    assert set(SAME_IN_EVERY_JOB) <= set(doubles), "an exception that is no longer needed"
    listed(
        [
            f"{name} is in {', '.join(found)}"
            for name, found in doubles.items()
            if not (name in SAME_IN_EVERY_JOB and all(room(other) == "jobs" for other in found))
            and found != sorted(NAMED_TWICE.get(name, ()))
        ]
    )


def type_names(node: ast.stmt) -> Iterator[str]:
    """Public classes and aliases of types that a statement of a module defines."""
    if isinstance(node, ast.ClassDef):
        names = [node.name]
    elif isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        names = [name for name in names if not name.isupper()]
    else:
        names = []
    yield from (name for name in names if name[0].isupper())


def test_one_word_for_one_thing() -> None:
    """Names and texts have the words of the vocabulary; `scripts/vocabulary --lines` shows more."""
    script = PACKAGE.parent / "scripts" / "vocabulary"
    checked = subprocess.run([sys.executable, script, PACKAGE], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
