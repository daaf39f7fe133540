"""The files and contents of an embedded store, in order or in portions, never all at once."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from handloom.data.io.path_order import order
from handloom.search.database import Database
from handloom.search.matrix import Numbers
from handloom.search.records import Entry, Image, Match, Value, Vectors
from handloom.search.rows import ENTRY, IMAGE, OWN, entry_of, image_of, kinds_of, path_of

AT_ONCE = 200  # looked up in one statement; older SQLites take 999 parameters
HAS_IMAGE = "image.content = vector.content AND image.reason IS NULL"
GIVEN = "WITH given (content) AS (VALUES {}) SELECT content FROM given WHERE "
# SQLite sorts paths that are Unicode by their bytes, and those that are not, which are kept as
# bytes, after all of them: each kind comes from the index on paths, and the two are merged.
KINDS = ("path < x''", "path >= x''")


def entries(db: Database, broken: bool) -> Iterator[Entry]:
    """Every file, or the broken ones, by the bytes of their paths."""
    also = " AND reason IS NOT NULL" if broken else ""
    statements = (
        f"SELECT {ENTRY}, {OWN} FROM image WHERE {kind}{also} ORDER BY path" for kind in KINDS
    )
    kinds = [
        (entry_of(row, list(kinds_of(own))) for *row, own in db.each(each)) for each in statements
    ]
    return heapq.merge(*kinds, key=lambda entry: order(entry.path))


def unembedded(db: Database, encoder: int) -> set[str]:
    """Paths of good files whose content has no vector of an encoder."""
    rows = db.each(
        "SELECT path FROM image WHERE reason IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM vector WHERE encoder = ? AND vector.content = image.content)", (encoder,)
    )  # fmt: skip
    return {path_of(path) for (path,) in rows}


def missing(db: Database, encoder: int, contents: Iterable[bytes]) -> Iterator[bytes]:
    """Which contents have no vector of an encoder."""
    test = "NOT EXISTS (SELECT 1 FROM vector WHERE encoder = ? AND vector.content = given.content)"
    return _looked_up(db, contents, test, (encoder,))


def held(db: Database, contents: Iterable[bytes]) -> Iterator[bytes]:
    """Which contents a file has."""
    test = "EXISTS (SELECT 1 FROM image WHERE image.content = given.content)"
    return _looked_up(db, contents, test, ())


def _looked_up(
    db: Database, contents: Iterable[bytes], test: str, values: tuple[Any, ...]
) -> Iterator[bytes]:
    left = iter(contents)
    while some := list(islice(left, AT_ONCE)):
        statement = GIVEN.format(", ".join(["(?)"] * len(some))) + test
        yield from (content for (content,) in db.rows(statement, (*some, *values)))


def matches(
    db: Database, number: Numbers, score: Vectors, test: str,
    values: Sequence[Value],
) -> Iterator[Match]:  # fmt: skip
    """What belongs to vectors (N,) by their numbers, in their order, with the images of which a
    condition is true; those without an image are passed over."""
    also = f" AND {test}" if test else ""
    for start in range(0, len(number), AT_ONCE):
        part = [int(each) for each in number[start : start + AT_ONCE]]
        rows = db.rows(
            f"SELECT vector.id, value, thumb, {IMAGE} FROM vector JOIN image ON {HAS_IMAGE} "
            f"WHERE vector.id IN ({', '.join('?' * len(part))}){also} ORDER BY image.path",
            (*part, *values),
        )  # fmt: skip
        images: dict[int, list[Image]] = {}
        known: dict[int, tuple[bytes, bytes]] = {}
        for id, value, thumb, *row in rows:
            images.setdefault(id, []).append(image_of(row))
            known[id] = value, thumb
        for place, id in enumerate(part, start):
            if id in images:
                vector, thumb = known[id]
                yield Match(
                    float(score[place]), tuple(images[id]),
                    np.frombuffer(vector, np.float32), np.frombuffer(thumb, np.uint8),
                )  # fmt: skip
