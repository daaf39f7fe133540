"""One's own hard examples: queries with what they should find, and how often an index finds it.

A table has the columns `query`, an image or words, and `expected`, an image of the collection or a
label of it; a query on several rows expects all of theirs.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple

from handloom.data.io.table import Table, read_table
from handloom.errors import UserError
from handloom.search.index import Answer, Index
from handloom.search.queries import exists
from handloom.wording import join_and, nearest

COLUMNS = ("query", "expected")


class ScoredQuery(NamedTuple):
    """A query with its answer.

    expected: as the table says it. right: which results are expected, themselves or by one of their
    copies. relevant: how many results could be: the right ones, and the contents of expected images
    that are not among the results. The query itself is left out of both.
    """

    query: str
    expected: tuple[str, ...]
    answer: Answer
    right: tuple[bool, ...]
    relevant: int

    @property
    def recall(self) -> float:
        """Recall@k: the share of what is expected that is among k results; copies count once."""
        return min(1.0, sum(self.right) / self.relevant) if self.relevant else 0.0

    @property
    def precision(self) -> float:
        """Precision@k: the share of the results that are expected."""
        return sum(self.right) / len(self.right) if self.right else 0.0

    @property
    def is_best(self) -> bool:
        """Whether the results are as good as so many can be: all are expected, or all that is
        expected is among them."""
        return sum(self.right) >= min(self.relevant, len(self.right)) > 0

    def record(self) -> dict[str, Any]:
        """For JSON."""
        results = zip(self.answer.results, self.right, strict=True)
        return {
            "query": self.query,
            "expected": list(self.expected),
            "recall": round(self.recall, 6),
            "precision": round(self.precision, 6),
            "results": [each.record() | {"is_expected": is_right} for each, is_right in results],
        }


def score_queries(index: Index, table: Path, k: int) -> list[ScoredQuery]:
    """Every query of a table with its k results, in order.

    Raises UserError, with the line, for a query that cannot be read, for an expectation that is
    neither an image nor a label of the collection, and for a query that expects itself alone.
    """
    queries, scored = _queries(table), []
    named = {each for _, expected in queries.values() for each in expected}
    contents, labels = _expected(index, table, named)
    for query, (line, expected) in queries.items():
        place = f"line {line} of '{table}'"
        meant = set[str]().union(
            *(_meant(index, table, place, each, contents, labels) for each in expected)
        )
        try:
            answer = index.search(_place(query, table), k)
        except UserError as error:
            raise UserError(f"{place}: {error}") from None
        if answer.itself is not None:
            meant.discard(_absolute(index.root / answer.itself.path))
        if not meant:
            raise UserError(
                f"{place} expects nothing but the query '{query}' itself, which is left out of its "
                "own answer: expect another image"
            )
        scored.append(_scored(query, expected, answer, {path: contents[path] for path in meant}))
    return scored


def _scored(
    query: str, expected: tuple[str, ...], answer: Answer, meant: Mapping[str, bytes]
) -> ScoredQuery:
    """meant: contents of the expected images, by their whole paths."""
    shown = [{*map(_absolute, (each.path, *each.copies))} for each in answer.results]
    right = tuple(not paths.isdisjoint(meant) for paths in shown)
    missing = {meant[path] for path in meant.keys() - set[str]().union(*shown)}
    return ScoredQuery(query, expected, answer, right, sum(right) + len(missing))


def _expected(
    index: Index, table: Path, named: Set[str]
) -> tuple[dict[str, bytes], dict[str, set[str]]]:
    """Contents of the images that are named, themselves or by a label, by their whole paths, and
    the images of each label; of a label that is not named none."""
    contents: dict[str, bytes] = {}
    labels = defaultdict[str, set[str]](set)
    places = {place for each in named for place in _places(index, table, each)}
    for entry in index.store.entries():
        if entry.reason is None:
            path = _absolute(index.root / entry.path)
            if path in places or entry.label in named:
                contents[path] = entry.content
            if entry.label is not None:
                labels[entry.label] |= {path} if entry.label in named else set()
    return contents, dict(labels)


def _queries(table: Path) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Queries in order, with the line of the first row of each, and all that they expect."""
    if not table.is_file():
        problem = "is a folder" if table.is_dir() else "does not exist"
        raise UserError(f"'{table}' {problem}: give a table with the columns query,expected")
    rows = read_table(table)
    query, expected = (_column(table, rows, name) for name in COLUMNS)
    queries: dict[str, tuple[int, tuple[str, ...]]] = {}
    for line, asked, answer in zip(rows.rows, query, expected, strict=True):
        if not asked or not answer:
            raise UserError(f"line {line} of '{table}' is not complete: fill in query and expected")
        first, before = queries.get(asked, (line, ()))
        queries[asked] = first, (*before, answer)
    if not queries:
        raise UserError(f"'{table}' has no rows: it needs one for each query")
    return queries


def _column(table: Path, rows: Table, name: str) -> list[str]:
    if name not in rows.names:
        raise UserError(
            f"'{table}' has no column '{name}' (it has: {join_and(rows.names)}): give a table with "
            "the columns query,expected"
        )
    return rows.columns[rows.names.index(name)]


def _place(query: str, table: Path) -> Path | str:
    """A path of a table: from here, or from the folder of the table; words as they are."""
    beside = table.parent / query
    return beside if not exists(query) and exists(str(beside)) else query


def _meant(
    index: Index, table: Path, line: str, expected: str, contents: Collection[str],
    labels: Mapping[str, set[str]],
) -> set[str]:  # fmt: skip
    """Whole paths of the images of a label, or of the one that a path names."""
    if expected in labels:
        return labels[expected]
    for place in _places(index, table, expected):
        if place in contents:
            return {place}
    near = nearest(expected, labels)
    hint = f"did you mean '{near}'?" if near else "give a path or a label of the collection"
    raise UserError(
        f"{line} expects '{expected}', which is neither an image nor a label of "
        f"'{index.store.name}': {hint}"
    )


def _places(index: Index, table: Path, expected: str) -> tuple[str, ...]:
    """Where an image may lie that a table names, by whole paths."""
    places = (index.root / expected, Path(expected), table.parent / expected)
    return tuple(map(_absolute, places))


def _absolute(path: str | Path) -> str:
    return os.path.abspath(path)
