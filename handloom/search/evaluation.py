"""One's own hard examples: queries with what they should find, and how often an index finds it.

A table has the columns `query`, an image, and `expected`, an image of the collection or a label of
it; a query on several rows expects all of theirs.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from handloom.data.io.table import Table, read_table
from handloom.errors import UserError
from handloom.search.index import Answer, Index
from handloom.wording import join_and, nearest

COLUMNS = ("query", "expected")


class ScoredQuery(NamedTuple):
    """A query with its answer.

    expected: as the table says it. right: which results are expected. relevant: how many images of
    the collection are, the query itself apart.
    """

    query: str
    expected: tuple[str, ...]
    answer: Answer
    right: tuple[bool, ...]
    relevant: int

    @property
    def recall(self) -> float:
        """Recall@k: expected images among the results, of those that could be among so many."""
        possible = min(self.relevant, len(self.right))
        return min(1.0, sum(self.right) / possible) if possible else 0.0

    @property
    def precision(self) -> float:
        """Precision@k: the share of the results that are expected."""
        return sum(self.right) / len(self.right) if self.right else 0.0

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

    Raises UserError, with the line, for a query that cannot be read, and for an expectation that is
    neither an image nor a label of the collection.
    """
    paths, labels = _collection(index)
    scored = []
    for query, (line, expected) in _queries(table).items():
        meant = [_meant(index, table, line, each, paths, labels) for each in expected]
        try:
            answer = index.search(_place(query, table), k)
        except UserError as error:
            raise UserError(f"line {line} of '{table}': {error}") from None
        own = answer.itself
        right = tuple(
            not {each.label, *map(_absolute, (each.path, *each.copies))}.isdisjoint(meant)
            for each in answer.results
        )
        relevant = sum(labels.get(each, 1) for each in meant)
        relevant -= own is not None and own.label in meant
        scored.append(ScoredQuery(query, expected, answer, right, relevant))
    return scored


def _collection(index: Index) -> tuple[set[str], Counter[str]]:
    """Whole paths of the images that can be found, and how many there are of each label."""
    entries = [entry for entry in index.store.entries().values() if entry.reason is None]
    paths = {_absolute(index.root / entry.path) for entry in entries}
    return paths, Counter(entry.label for entry in entries if entry.label is not None)


def _queries(table: Path) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Queries in order, with the line of the first row of each, and all that they expect."""
    if not table.is_file():
        raise UserError(f"'{table}' does not exist: give a table with the columns query,expected")
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


def _place(query: str, table: Path) -> Path:
    """A path of a table: from here, or from the folder of the table."""
    here = Path(query).expanduser()
    beside = table.parent / query
    return beside if not here.exists() and beside.exists() else here


def _meant(
    index: Index, table: Path, line: int, expected: str, paths: set[str], labels: Counter[str]
) -> str:
    """A label as it is; an image by its whole path."""
    if expected in labels:
        return expected
    for place in (index.root / expected, Path(expected), table.parent / expected):
        if _absolute(place) in paths:
            return _absolute(place)
    near = nearest(expected, labels)
    hint = f"did you mean '{near}'?" if near else "give a path or a label of the collection"
    raise UserError(
        f"line {line} of '{table}' expects '{expected}', which is neither an image nor a label of "
        f"'{index.store.name}': {hint}"
    )


def _absolute(path: str | Path) -> str:
    return os.path.abspath(path)
