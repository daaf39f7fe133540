"""The vectors of an embedded index as one matrix, derived from SQLite and memory-mapped.

A matrix holds the vectors with numbers up to `last`, of one encoder, after `removals` times that
vectors were removed. Vectors are only ever added with larger numbers, so that what is new since
then is read from SQLite and joined; a removal makes a matrix stale.
"""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from handloom.search.records import Vectors

AT_ONCE = 4096  # rows
MOST_NEW = 0.1  # share of new rows from which on the matrix is written again
FEW = 2_000  # new rows that are always joined in memory
Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"


class MatrixState(NamedTuple):
    """Which vectors a matrix holds."""

    encoder: int
    removals: int
    last: int


class Matrix(NamedTuple):
    """Vectors (N, D) and their rising numbers (N,); `new` rows come after those that are mapped.

    place: the folder that is mapped; None where the index's own cannot be written to.
    """

    state: MatrixState
    number: Numbers
    mapped: Vectors
    number_new: Numbers
    new: Vectors
    place: Path | None = None

    def scores(self, query: Vectors) -> Vectors:
        """Cosines (N,) with a query (D,), or (N, Q) with queries (D, Q)."""
        old = self.mapped @ query
        return np.concatenate([old, self.new @ query]) if len(self.new) else old

    def numbers(self) -> Numbers:
        """Numbers of all vectors, in the order of their scores."""
        return np.concatenate([self.number, self.number_new]) if len(self.new) else self.number

    def rows(self, places: Numbers) -> Vectors:
        """Vectors (M, D) at places (M,)."""
        count = len(self.number)
        rows = np.empty((len(places), self.mapped.shape[1]), np.float32)
        is_new = places >= count
        rows[~is_new] = self.mapped[places[~is_new]]
        rows[is_new] = self.new[places[is_new] - count]
        return rows


def current(
    connection: sqlite3.Connection,
    folder: Path,
    state: MatrixState,
    width: int,
    known: Matrix | None,
) -> Matrix:
    """The matrix of a state of the store, from the last one, from its file, or made anew."""
    if known is not None and known.state == state:
        return known
    base = _matching(folder, state)
    if base is None or _is_much_newer(connection, state, base):
        base = _write(connection, folder, state, width)
    number_new, new = _read(connection, state.encoder, base.last, state.last, width)
    return Matrix(state, base.number, base.mapped, number_new, new, base.place)


class _Base(NamedTuple):
    """The rows of a file: vectors with numbers up to `last`."""

    number: Numbers
    mapped: Vectors
    last: int
    place: Path | None


def _is_much_newer(connection: sqlite3.Connection, state: MatrixState, base: _Base) -> bool:
    """Whether more vectors are new than are joined; counted, since to read them may take all
    memory: of an index that is searched while it grows nearly all are new."""
    (count,) = connection.execute(
        "SELECT count(*) FROM vector NOT INDEXED WHERE encoder = ? AND id > ? AND id <= ?",
        (state.encoder, base.last, state.last),
    ).fetchone()
    return bool(count > max(FEW, MOST_NEW * len(base.number)))


def _name(state: MatrixState) -> str:
    return f"matrix-{state.encoder}-{state.removals}-{state.last}"


def _matching(folder: Path, state: MatrixState) -> _Base | None:
    """The newest file that holds a beginning of the state."""
    lasts = []
    for path in folder.glob(f"matrix-{state.encoder}-{state.removals}-*"):
        with suppress(ValueError):
            lasts.append(int(path.name.rpartition("-")[2]))
    for last in sorted((last for last in lasts if last <= state.last), reverse=True):
        with suppress(OSError, ValueError):
            place = folder / _name(state._replace(last=last))
            return _Base(*_mapped(place), last, place)
    return None


def _mapped(place: Path) -> tuple[Numbers, Vectors]:
    number = np.load(place / "number.npy")
    if not len(number):
        return number, np.load(place / "vector.npy")
    return number, np.load(place / "vector.npy", mmap_mode="r").view(np.ndarray)


def _write(connection: sqlite3.Connection, folder: Path, state: MatrixState, width: int) -> _Base:
    """A new file, and the older ones removed; in memory where the folder cannot be written to."""
    part, target = folder / f".part-{secrets.token_hex(8)}", folder / _name(state)
    try:
        part.mkdir()
        _write_rows(connection, part, state, width)
        with suppress(OSError):  # another process was faster
            os.rename(part, target)
        _remove_others(folder, target)
        return _Base(*_mapped(target), state.last, target)
    except OSError:
        rows = _read(connection, state.encoder, 0, state.last, width)
        return _Base(*rows, state.last, None)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_rows(connection: sqlite3.Connection, part: Path, state: MatrixState, width: int) -> None:
    (count,) = connection.execute(
        "SELECT count(*) FROM vector WHERE encoder = ? AND id <= ?", (state.encoder, state.last)
    ).fetchone()
    numbers = [np.empty(0, np.int64)]
    with (part / "vector.npy").open("wb") as file:  # written, since a map crashes on a full disk
        header = {"descr": "<f4", "fortran_order": False, "shape": (count, width)}
        np.lib.format.write_array_header_1_0(file, header)
        for some, values in _batches(connection, state.encoder, 0, state.last, width):
            numbers.append(some)
            file.write(values.astype("<f4", copy=False).tobytes())
    np.save(part / "number.npy", np.concatenate(numbers))


def _remove_others(folder: Path, target: Path) -> None:
    for path in folder.glob("matrix-*"):
        if path != target:
            shutil.rmtree(path, ignore_errors=True)  # Windows keeps what another process has open


def _read(
    connection: sqlite3.Connection, encoder: int, after: int, last: int, width: int
) -> tuple[Numbers, Vectors]:
    """Vectors with numbers above `after` and up to `last`."""
    batches = list(_batches(connection, encoder, after, last, width))
    numbers = [np.empty(0, np.int64), *(some for some, _ in batches)]
    values = [np.empty((0, width), np.float32), *(part for _, part in batches)]
    return np.concatenate(numbers), np.concatenate(values)


def _batches(
    connection: sqlite3.Connection, encoder: int, after: int, last: int, width: int
) -> Iterator[tuple[Numbers, Vectors]]:
    rows = connection.execute(
        "SELECT id, value FROM vector NOT INDEXED WHERE encoder = ? AND id > ? AND id <= ? "
        "ORDER BY id",
        (encoder, after, last),
    )
    while some := rows.fetchmany(AT_ONCE):
        flat = np.frombuffer(b"".join(value for _, value in some), np.float32)
        yield np.array([number for number, _ in some], np.int64), flat.reshape(len(some), width)
