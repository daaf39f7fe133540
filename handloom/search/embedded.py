"""The embedded store: SQLite in WAL mode is the truth, a matrix derived from it is searched."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from handloom.errors import UserError
from handloom.search import embedded_files as files
from handloom.search import matrix, sql
from handloom.search.approximate import Approximate, answers, make_if_large
from handloom.search.closing import Closing
from handloom.search.database import Database
from handloom.search.embedded_files import HAS_IMAGE
from handloom.search.filters import Condition
from handloom.search.matrix import Matrix, MatrixState, Numbers
from handloom.search.places import SUFFIX
from handloom.search.ranking import ranked
from handloom.search.records import (
    OWN_COLUMNS,
    ColumnKind,
    EncoderRecord,
    Entry,
    Image,
    Match,
    Part,
    Value,
    Vectors,
)
from handloom.search.rows import IMAGE, INSERT, image_of, kinds_of, moved, row_of, stored_path


class EmbeddedStore(Closing):
    """An index in a folder; the contract is `store.VectorStore`."""

    def __init__(self, folder: Path, is_new: bool = False) -> None:
        self.folder, self.name = folder, str(folder)
        self.title = folder.resolve().name.removesuffix(SUFFIX)
        self._db = Database(folder, is_new)
        self._begun: int | None = None
        self._matrix: Matrix | None = None
        self._index: Approximate | None = None

    def encoder(self) -> EncoderRecord | None:
        """The encoder of the vectors that are searched."""
        row = self._db.row(
            "SELECT spec, fingerprint, width, weights, state, reads FROM encoder WHERE id = ?",
            (self._searched(),),
        )
        return None if row is None else EncoderRecord(*row)

    def columns(self) -> dict[str, ColumnKind]:
        """Columns that conditions may name."""
        return {**kinds_of(self._db.get("own")), **OWN_COLUMNS}

    def entries(self, broken: bool = False) -> Iterator[Entry]:
        """Every file that is known, in the order of their paths."""
        return files.entries(self._db, broken)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone to write."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.folder / "writing.lock", timeout=0):
                yield
        except Timeout:
            raise UserError(
                f"another process is writing to '{self.folder}': wait until it has finished"
            ) from None

    def begin(self, encoder: EncoderRecord, is_rebuild: bool) -> None:
        """Take vectors of this encoder from now on, beside those that are searched if need be."""
        current = self.encoder()
        row: tuple[int | None] | None
        if current is not None and current.fingerprint == encoder.fingerprint and not is_rebuild:
            row = (self._searched(),)
        else:
            row = self._db.row(
                "SELECT id FROM encoder WHERE fingerprint = ? AND id != ?",
                (encoder.fingerprint, self._searched()),
            )
        with self._db.writing():
            if row is None:
                cursor = self._db.execute(
                    "INSERT INTO encoder (spec, fingerprint, width, weights, state, reads) "
                    "VALUES (?, ?, ?, ?, ?, ?)", encoder
                )  # fmt: skip
                row = (cursor.lastrowid,)
            else:
                self._db.execute(
                    "UPDATE encoder SET spec = ?, weights = ?, state = ? WHERE id = ?",
                    (encoder.spec, encoder.weights, encoder.state, row[0]),
                )
            if current is None:
                self._db.set("encoder", row[0])
        self._begun = row[0]

    def unembedded(self) -> set[str]:
        """Paths of good files whose content has no vector of the encoder that was begun."""
        return files.unembedded(self._db, self._begun or 0)

    def missing(self, contents: Iterable[bytes]) -> Iterator[bytes]:
        """Which contents have no vector of the encoder that was begun."""
        return files.missing(self._db, self._begun or 0, contents)

    def held(self, contents: Iterable[bytes]) -> Iterator[bytes]:
        """Which contents a file has."""
        return files.held(self._db, contents)

    def put(
        self,
        entries: Iterable[Entry],
        part: Part | None,
        own: Mapping[str, ColumnKind] | None = None,
    ) -> None:
        """Add or replace files together with the vectors of new contents, at once."""
        with self._db.writing():
            if own is not None:
                self._name(own)
            if part is not None:
                self._db.executemany(
                    "INSERT OR IGNORE INTO vector (encoder, content, value, thumb) "
                    "VALUES (?, ?, ?, ?)",
                    ((self._begun, content, vector.tobytes(), thumb.tobytes())
                     for content, vector, thumb in zip(*part, strict=True)),
                )  # fmt: skip
            self._db.executemany(INSERT, map(row_of, entries))

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files."""
        with self._db.writing():
            self._db.executemany(
                "DELETE FROM image WHERE path = ?", ((stored_path(path),) for path in paths)
            )

    def finish(self) -> None:
        """Search the vectors of the encoder that was begun, and drop those of no file."""
        with self._db.writing():
            removed = 0
            if self._begun not in (None, self._searched()):  # else a set may be growing beside
                self._db.set("encoder", self._begun)
                self._db.execute("DELETE FROM encoder WHERE id != ?", (self._begun,))
                removed = self._db.execute(
                    "DELETE FROM vector WHERE encoder != ?", (self._begun,)
                ).rowcount
            removed += self._db.execute(
                "DELETE FROM vector WHERE NOT EXISTS "
                "(SELECT 1 FROM image WHERE image.content = vector.content)"
            ).rowcount
            if removed:
                self._db.set("removals", self._db.number("removals") + 1)
        self._db.rows("PRAGMA incremental_vacuum")
        if self.encoder() is not None:
            make_if_large(self._current())
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def count(self) -> tuple[int, int]:
        """Images that can be searched, and broken ones."""
        row = self._db.row("SELECT count(*), count(reason) FROM image")
        return row[0] - row[1], row[1]

    def nearest(
        self, query: Vectors, condition: Condition | None = None, approximate: bool | None = None
    ) -> Iterator[Match]:
        """Contents by falling cosine with a query (D,)."""
        held = self._current()
        if condition is None and answers(held, approximate):
            yield from self._nearly(held, query)
            return
        number, scores = held.numbers(), held.scores(query)
        test, values = "", list[Value]()
        if condition is not None:
            test, values = sql.where(condition)
            kept = np.isin(number, self._numbers(test, values), assume_unique=True)
            number, scores = number[kept], scores[kept]
        for places in ranked(scores):
            yield from self._matches(number[places], scores[places], test, values)

    def image(self, id: int) -> tuple[Image, Vectors]:
        """An image by its number, and its vector."""
        row = self._db.row(
            f"SELECT {IMAGE}, value FROM image JOIN vector ON {HAS_IMAGE} "
            " WHERE vector.encoder = ? AND image.id = ?", (self._searched(), id)
        )  # fmt: skip
        if row is None:
            raise UserError(
                f"--id {id}: no image has this number: take one from the column id of a search"
            )
        return image_of(row[:6]), np.frombuffer(row[6], np.float32)

    def lookup(self, content: bytes) -> tuple[tuple[Image, ...], Vectors] | None:
        """The images that have a content, and their vector (D,)."""
        rows = self._db.rows(
            f"SELECT {IMAGE}, value FROM image JOIN vector ON {HAS_IMAGE} "
            "WHERE vector.encoder = ? AND image.content = ?", (self._searched(), content)
        )  # fmt: skip
        if not rows:
            return None
        return tuple(image_of(row[:6]) for row in rows), np.frombuffer(rows[0][6], np.float32)

    def random(self) -> int:
        """The number of any image."""
        row = self._db.row(
            f"SELECT image.id FROM image JOIN vector ON {HAS_IMAGE} WHERE vector.encoder = ? "
            "ORDER BY random() LIMIT 1", (self._searched(),)
        )  # fmt: skip
        if row is None:
            raise UserError(f"the index '{self.folder}' holds no images yet")
        return int(row[0])

    def sample(self, most: int) -> tuple[Vectors, list[Image]]:
        """Vectors of at most so many contents, evenly over the store, and an image of each."""
        numbers = np.sort(self._numbers("1", ()))
        if len(numbers) > most:
            numbers = numbers[np.arange(most) * len(numbers) // most]
        held = self._current()
        vectors = held.rows(np.searchsorted(held.numbers(), numbers))
        matches = self._matches(numbers, np.zeros(len(numbers), np.float32), "", ())
        return vectors, [min(match.images, key=lambda i: i.label is None) for match in matches]

    def get(self, key: str) -> str | None:
        """A fact that was kept about the store."""
        return self._db.get(f"fact {key}")

    def set(self, key: str, value: str) -> None:
        """Keep a fact about the store; of one that can only be read it is not kept."""
        with suppress(UserError):
            self._db.set(f"fact {key}", value)

    def changes(self) -> int:
        """How many times something was written."""
        return self._db.number("changes")

    def close(self) -> None:
        """Release the files: the database, and the matrix, which Windows cannot remove before."""
        self._db.close()
        self._matrix = self._index = None

    def _nearly(self, held: Matrix, query: Vectors) -> Iterator[Match]:
        """By the approximate index first."""
        if self._index is None or self._index.place != held.place:
            self._index = Approximate(held)
        number = held.numbers()
        for places, scores in self._index.ranked(held, query):
            yield from self._matches(number[places], scores, "", [])

    def _current(self) -> Matrix:
        """The matrix of what is stored now, all read from one moment."""
        with self._db.reading():
            encoder = self.encoder()
            if encoder is None:
                raise UserError(f"the index '{self.folder}' holds no images yet")
            (last,) = self._db.row("SELECT coalesce(max(id), 0) FROM vector")
            state = MatrixState(self._searched(), self._db.number("removals"), last)
            self._matrix = matrix.current(
                self._db.connection, self.folder, state, encoder.width, self._matrix
            )
        return self._matrix

    def _searched(self) -> int:
        """The number of the encoder whose vectors are searched; 0 in an empty store."""
        return self._db.number("encoder")

    def _name(self, own: Mapping[str, ColumnKind]) -> None:
        """Take other columns of the user's, and bring what is there into their order: a row that is
        not written again, or not yet, has no value of another column."""
        before, now = self._db.get("own"), json.dumps(list(own.items()))
        self._db.connection.create_function("moved", 1, lambda values: moved(values, before, now))
        self._db.execute("UPDATE image SET own = moved(own) WHERE own IS NOT NULL")
        self._db.set("own", now)

    def _numbers(self, test: str, values: Sequence[Value]) -> Numbers:
        """Numbers of the vectors that have an image for which a condition is true."""
        rows = self._db.each(
            f"SELECT DISTINCT vector.id FROM image JOIN vector ON {HAS_IMAGE} "
            f"WHERE vector.encoder = ? AND {test}", (self._searched(), *values)
        )  # fmt: skip
        return np.fromiter((number for (number,) in rows), np.int64)

    def _matches(
        self, number: Numbers, score: Vectors, test: str, values: Sequence[Value]
    ) -> Iterator[Match]:
        """What belongs to vectors, in their order; those without an image are passed over."""
        return files.matches(self._db, number, score, test, values)
