"""How long files and functions are, that public things say what they do, and that examples are
divided and sampled in one place."""

import ast
from pathlib import Path

import pytest

from .package_code import FILES, PACKAGE, listed, parsed

MOST_LINES, MOST_IN_FUNCTION = 300, 40
AT_RANDOM = {"randperm", "permutation", "RandomState", "shuffle", "choice"}
MAY_ORDER = {"data/loaders.py", "data/text/buckets.py", "data/text/stream.py"}  # of an epoch
MAY_ORDER |= {"search/approximate.py", "search/calibration.py"}  # vectors of an index, in NumPy
MAY_ORDER |= {"data/images/duplicates.py"}  # weights of a hash


def test_examples_are_chosen_at_random_in_one_place() -> None:
    """What trains, what is held out and what stands for all is decided in `division/` alone."""
    offenders = []
    for path in FILES:
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith("division/") or place in MAY_ORDER:
            continue
        offenders += [
            f"{path}:{node.lineno} {node.func.attr}: see handloom/division/"
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in AT_RANDOM
        ]
    listed(offenders)


def test_no_job_takes_every_nth_example() -> None:
    """Of a table in which two classes alternate that would be one class: `sample_rows` instead."""
    listed(
        [
            f"{path}:{node.lineno} {ast.unparse(node)}: see handloom/division/sample.py"
            for path in FILES
            if path.relative_to(PACKAGE).parts[0] in ("jobs", "metrics", "comparison")
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Slice) and isinstance(node.step, ast.Call | ast.BinOp)
        ]
    )


def prefers_a_split(node: ast.AST) -> bool:
    """`"valid" if ... else ...`, or the first of `("test", "valid")` that there is."""
    if isinstance(node, ast.IfExp):
        return isinstance(node.body, ast.Constant) and node.body.value in ("valid", "test")
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "next"):
        return False
    made = node.args[0]
    names = ast.unparse(made.generators[0].iter) if isinstance(made, ast.GeneratorExp) else ""
    return "'valid'" in names or "'test'" in names


def test_which_split_serves_is_said_in_one_place() -> None:
    """That figures come from, and that is watched while training: `Divided` knows them."""
    listed(
        [
            f"{path}:{node.lineno} chooses a split: see handloom/division/splits.py"
            for path in FILES
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.expr) and prefers_a_split(node)
        ]
    )


def test_text_files_name_their_encoding() -> None:
    """Without, Windows reads and writes them in the code page of its country."""
    listed(
        [
            f"{path}:{node.lineno} {ast.unparse(node)[:60]}: name the encoding"
            for path in FILES
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Call) and _is_text_without_encoding(node)
        ]
    )


@pytest.mark.parametrize(
    ("code", "is_bad"),
    [
        ("path.read_text()", True), ("path.read_text('utf-8')", False),
        ("path.write_text(text)", True), ("path.write_text(text, encoding='ascii')", False),
        ("open(path)", True), ("open(path, 'rb')", False), ("open(path, 'a')", True),
        ("path.open('w')", True), ("path.open('a+b')", False), ("Image.open(path)", False),
        ("path.open()", True), ("(folder / 'x').open()", True),
        ("os.fdopen(1, 'w', encoding='utf-8')", False), ("os.fdopen(1, 'w')", True),
    ],
)  # fmt: skip
def test_an_encoding_that_is_missing_is_seen(code: str, is_bad: bool) -> None:
    (call,) = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    assert _is_text_without_encoding(call) is is_bad


def _is_text_without_encoding(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    if any(word.arg == "encoding" for word in call.keywords):
        return False
    if name in ("read_text", "write_text"):
        return len(call.args) < (1 if name == "read_text" else 2)
    modes = {
        arg.value
        for arg in [*call.args, *(word.value for word in call.keywords)]
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and len(arg.value) < 4
    }
    is_text = any(set(mode) <= set("rwax+t") for mode in modes)
    is_builtin = isinstance(call.func, ast.Name) and name == "open"
    is_path = isinstance(call.func, ast.Attribute) and name == "open" and not call.args
    return name in ("open", "fdopen") and (is_text or ((is_builtin or is_path) and not modes))


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    listed([f"{path}: {n} lines" for path, n in lengths.items() if n > MOST_LINES])


def test_functions_are_short() -> None:
    offenders = []
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                length = node.end_lineno - node.lineno + 1
                if length > MOST_IN_FUNCTION:
                    offenders.append(f"{path}:{node.lineno} {node.name}: {length} lines")
    listed(offenders)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_public_things_have_docstrings(path: Path) -> None:
    tree = parsed(path)
    listed(
        [f"{path}:1 the module"] * (ast.get_docstring(tree) is None)
        + [
            f"{path}:{node.lineno} {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ]
    )
