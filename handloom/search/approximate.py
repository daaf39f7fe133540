"""An approximate index of a matrix, for collections that exact search answers too slowly.

FAISS (Johnson et al. 2017, arXiv:1702.08734): vectors of 8 bits a number in about 4 sqrt(N) lists,
of which a query looks through one in sixteen. What it proposes is scored exactly. It lies beside
the matrix that it is of, and goes with it. docs/benchmarks/search.md has what was compared.
"""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from handloom.extras import has, require
from handloom.runs.files import written_whole
from handloom.search.matrix import Matrix, Numbers
from handloom.search.ranking import ranked
from handloom.search.records import Vectors

LARGE = 500_000_000  # numbers of a matrix, 1,000,000 x 512: exact search reads 2 GB, in 0.2 s
FILE = "approximate.faiss"
PROPOSED = 1_000  # rows of a query, which are then scored exactly
TRAINED = 40  # rows a list that decide where lists are
AT_ONCE = 50_000
ONE_IN = 16  # lists looked through


def answers(matrix: Matrix, asked: bool | None) -> bool:
    """Whether an approximate index answers: where it is asked for, which makes it, or was made."""
    if asked and not _is_built(matrix):
        build(matrix)
    return asked is not False and is_possible() and _is_built(matrix)


def make_if_large(matrix: Matrix) -> None:
    """Makes the index where exact search takes longer than a person waits, and FAISS is there."""
    if matrix.mapped.size >= LARGE and is_possible() and not _is_built(matrix):
        build(matrix)


def is_possible() -> bool:
    """Whether FAISS is installed."""
    return has("faiss")


def _is_built(matrix: Matrix) -> bool:
    return matrix.place is not None and (matrix.place / FILE).is_file()


def build(matrix: Matrix) -> None:
    """Makes the index of a matrix that has a file. Raises UserError without FAISS."""
    require("faiss", "approximate search", "search with --method exact")
    import faiss

    if matrix.place is None or not len(matrix.mapped):
        return
    rows, width = matrix.mapped.shape
    lists = max(1, min(int(4 * rows**0.5), rows // TRAINED))
    index: Any = faiss.index_factory(width, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    sampled = np.random.default_rng(0).permutation(rows)[: TRAINED * lists]
    index.train(np.ascontiguousarray(matrix.mapped[np.sort(sampled)]))
    for start in range(0, rows, AT_ONCE):
        index.add(np.ascontiguousarray(matrix.mapped[start : start + AT_ONCE]))
    with written_whole(matrix.place / FILE) as part:
        faiss.write_index(index, str(part))


class Approximate:
    """The index of a matrix, memory-mapped."""

    def __init__(self, matrix: Matrix) -> None:
        import faiss

        assert matrix.place is not None
        self.place, self.rows = matrix.place, len(matrix.mapped)
        read = faiss.read_index(str(matrix.place / FILE), faiss.IO_FLAG_MMAP)
        self._index = cast(Any, read)  # its types know what all indexes have alone
        self._index.nprobe = min(self._index.nlist, max(8, self._index.nlist // ONE_IN))

    def proposed(self, query: Vectors) -> Numbers:
        """Rows (n,) of the matrix that are near a query (D,), in no order."""
        most = min(PROPOSED, self.rows)
        rows: Numbers = self._index.search(np.ascontiguousarray(query[None]), most)[1][0]
        return rows[rows >= 0]

    def ranked(self, matrix: Matrix, query: Vectors) -> Iterator[tuple[Numbers, Vectors]]:
        """Places and their exact scores, in portions: of what is proposed and of what is newer than
        the index, best first; then of all others, best first."""
        first = np.sort(self.proposed(query))
        known = np.concatenate([first, np.arange(len(matrix.number), len(matrix.numbers()))])
        scores = matrix.rows(known) @ query
        for places in ranked(scores):
            yield known[places], scores[places]
        every = matrix.scores(query)
        every[known] = -np.inf
        for places in ranked(every):
            yield places, every[places]
