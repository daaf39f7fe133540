"""Embedding of the contents that an index has no vectors of, each once, kept as they are made.

What is done is kept every `PART` images, so that a killed command goes on where it was.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError
from handloom.search.contents import is_same
from handloom.search.copies import SIDE
from handloom.search.differences import Differences, in_portions
from handloom.search.encoding import encode
from handloom.search.records import Entry, Part, Thumbs, Vectors
from handloom.search.store import VectorStore
from handloom.search.texts import text_of
from handloom.search.vectors import Vectorizer

PART = 1024  # images between two writes


def embed_images(
    store: VectorStore, root: Path, differences: Differences, count: int, vectorizer: Vectorizer,
    report: ReportProgress,
) -> int:  # fmt: skip
    """Embeds `count` contents, and keeps each with all its files; returns how many it could."""
    done = embedded = 0
    for some in encode(_FirstFiles(root, differences, count), vectorizer, PART):
        reasons = dict(some.broken)
        if some.rows or reasons:
            files = _first_files(differences, [*some.rows, *reasons])
            kept = [n for n, row in enumerate(some.rows) if is_same(root, files[row])]
            good = {some.rows[n]: files[some.rows[n]] for n in kept}
            bad = {row: files[row]._replace(reason=reason) for row, reason in reasons.items()}
            _keep(store, differences, good, bad, some.vector[kept], some.thumb[kept])
            embedded += len(kept)
        done += len(some.rows) + len(reasons)
        report("embedding", done, count)
    return embedded


def embed_texts(
    store: VectorStore, _: Path, differences: Differences, count: int, vectorizer: Vectorizer,
    report: ReportProgress,
) -> int:  # fmt: skip
    """Embeds `count` texts, and keeps each with all places where it stands; returns how many it
    could."""
    embedded = 0
    for start in range(0, count, PART):
        files = _first_files(differences, range(start, min(start + PART, count)))
        reasons = {row: _unknown(entry, vectorizer) for row, entry in files.items()}
        good = {row: entry for row, entry in files.items() if reasons[row] is None}
        bad = {row: files[row]._replace(reason=reasons[row]) for row in files.keys() - good.keys()}
        vectors = vectorizer.texts([text_of(entry) for entry in good.values()])
        _keep(store, differences, good, bad, vectors, np.zeros((len(good), SIDE**2), np.uint8))
        embedded += len(good)
        report("embedding", start + len(files), count)
    return embedded


class _FirstFiles(Sequence[Path]):
    """The first file of each content that is wanted, as `encode` takes it: none is held."""

    def __init__(self, root: Path, differences: Differences, length: int) -> None:
        self._root, self._differences, self._length = root, differences, length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, rows: int) -> Path: ...
    @overload
    def __getitem__(self, rows: slice) -> list[Path]: ...
    def __getitem__(self, rows: int | slice) -> Path | list[Path]:
        if isinstance(rows, int):
            return self[rows : rows + 1][0]
        start, stop, _ = rows.indices(self._length)
        return [self._root / entry.path for entry in self._differences.firsts(start, stop)]


def _first_files(differences: Differences, rows: Sequence[int]) -> dict[int, Entry]:
    """The first files of the contents from the least of some rows to the largest, by their rows."""
    least = min(rows)
    return dict(enumerate(differences.firsts(least, max(rows) + 1), least))


def _keep(
    store: VectorStore, differences: Differences, good: Mapping[int, Entry],
    bad: Mapping[int, Entry], vector: Vectors, thumb: Thumbs,
) -> None:  # fmt: skip
    """First files by their rows, those with vectors and broken ones, and the copies of both."""
    every = {**good, **bad}
    if not every:
        return
    contents = [entry.content for entry in good.values()]
    store.put(list(every.values()), Part(contents, vector, thumb))
    copies = differences.copies(min(every), max(every) + 1)
    same = (entry._replace(reason=every[row].reason) for row, entry in copies if row in every)
    for some in in_portions(same):
        store.put(some, None)


def _unknown(entry: Entry, vectorizer: Vectorizer) -> str | None:
    """Why a text has no vector: nothing of it is known; None where something is."""
    try:
        vectorizer.unknown_words(text_of(entry))
    except UserError:
        return "the encoder knows no word of it"
    return None
