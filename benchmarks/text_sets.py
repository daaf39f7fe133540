"""Sets of labelled texts that benchmarks draw from what lies at hand: nothing is downloaded.

    reviews   rt_polarity, 10,662 sentences of film reviews, two classes
    pydoc     passages of Python's manual, by part of it (built in)
    stdlib    first sentences of the docstrings of Python's standard library, by module: short texts
              and many classes, some rare, as in TREC
    packages  sentences of docstrings and comments of the installed packages, by package: large

The last two depend on the versions installed, so the number of texts is part of what is reported.
"""

import ast
import io
import re
import sysconfig
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

LEAST = 40  # texts of a class of stdlib
LEAST_LARGE = 2_000  # of packages
MOST_LARGE = 100_000
WORDS = (4, 60)  # of a sentence


class Drawn(NamedTuple):
    """Texts with their classes."""

    text: list[str]
    target: list[str]


def draw(name: str) -> Drawn:
    """A set by its name, in an order of its own, always the same."""
    return {"reviews": reviews, "pydoc": pydoc, "stdlib": stdlib, "packages": packages}[name]()


def reviews() -> Drawn:
    """rt_polarity of the data folder."""
    from handloom.data.text.rows import TextReading
    from handloom.data.text.source import read_rows

    rows = read_rows("rt-polarity", TextReading())
    assert rows.target is not None
    return Drawn(rows.text, rows.target)


def pydoc() -> Drawn:
    """The built-in set."""
    from handloom.data.text.pydoc import pydoc_passages

    return Drawn(*pydoc_passages())


def stdlib() -> Drawn:
    """The first sentence of every docstring, a class for each module with enough of them."""
    root = Path(sysconfig.get_paths()["stdlib"])
    pairs = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if parts[0] in ("site-packages", "test", "idlelib", "lib2to3") or "tests" in parts:
            continue
        module = parts[0].removesuffix(".py")
        pairs += [(first, module) for text in docstrings(path) if (first := sentences(text)[:1])]
    return _kept([(first[0], module) for first, module in pairs], LEAST, None)


def packages() -> Drawn:
    """Sentences of the packages that have most of them, at most `MOST_LARGE` in all."""
    root = Path(sysconfig.get_paths()["purelib"])
    pairs = []
    for path in sorted(root.rglob("*.py")):
        package = path.relative_to(root).parts[0].removesuffix(".py")
        for text in [*docstrings(path), *comments(path)]:
            pairs += [(sentence, package) for sentence in sentences(text)]
    return _kept(pairs, LEAST_LARGE, MOST_LARGE)


def docstrings(path: Path) -> Iterator[str]:
    """Of a module, its classes and its functions; nothing of a file that is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def comments(path: Path) -> Iterator[str]:
    """Comments, those on neighbouring lines as one."""
    held: list[str] = []
    last = -1
    try:
        for token in tokenize.tokenize(io.BytesIO(path.read_bytes()).readline):
            if token.type == tokenize.COMMENT:
                if token.start[0] != last + 1 and held:
                    yield " ".join(held)
                    held = []
                held.append(token.string.strip("# "))
                last = token.start[0]
    except (SyntaxError, UnicodeDecodeError, tokenize.TokenError):
        return
    yield " ".join(held)


def sentences(text: str) -> list[str]:
    """Sentences of prose: what begins like one, ends with a full stop and holds no code."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(paragraph.split())):
            words = len(sentence.split())
            is_prose = re.fullmatch(r"[A-Z][^=<>{}|\\]*[.!?]", sentence) and ">>>" not in sentence
            if is_prose and WORDS[0] <= words <= WORDS[1]:
                found.append(sentence)
    return found


def _kept(pairs: list[tuple[str, str]], least: int, most: int | None) -> Drawn:
    """Each text once, of classes with `least` of them, at most `most` at random."""
    first: dict[str, tuple[str, str]] = {}
    for text, target in pairs:
        first.setdefault(text.casefold(), (text, target))
    count = Counter(target for _, target in first.values())
    kept = [(text, target) for text, target in first.values() if count[target] >= least]
    Random(0).shuffle(kept)
    kept = kept[:most]
    return Drawn([text for text, _ in kept], [target for _, target in kept])
