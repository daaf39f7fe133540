"""What is searched for: an image's path, words, or an image of the collection; and their sums."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from handloom.data.images.listing.walk import is_image
from handloom.data.io.names import absent
from handloom.data.text.literal import LiteralText
from handloom.errors import UserError
from handloom.search.encoding import encode_single
from handloom.search.places import shortest
from handloom.search.records import (
    TEXT,
    EncoderRecord,
    EntryKind,
    Image,
    Vectors,
    recorded_weights,
)
from handloom.search.store import VectorStore
from handloom.search.vectors import (
    Find,
    Vectorizer,
    normalized,
    vectors_of,
)

Query: TypeAlias = Any
"""A path, words, or the number of an image of the collection; also an image of Pillow, an array, a
tensor, bytes or a file object."""
QueryKind = Literal["image", "words"]
BEGINNINGS = ("/", "./", "../", "~", ".\\", "..\\")  # of what nobody writes as words


class Vectorized(NamedTuple):
    """A query as a vector (D,) of length 1. path: of the image to show for it. image: that of the
    collection which is the query itself. left_out: numbers of images of the collection that are
    asked for, and so are no answer. words: that are asked for. kinds: of all that is in a sum.
    unknown: words that the encoder does not know, of all that is in a sum."""

    vector: Vectors
    path: Path | None = None
    image: Image | None = None
    left_out: frozenset[int] = frozenset()
    words: str | None = None
    kinds: frozenset[QueryKind] = frozenset({"image"})
    unknown: tuple[str, ...] = ()


class Queries:
    """Queries to vectors; the encoder is loaded with the first that needs it, and stays."""

    def __init__(self, store: VectorStore, root: Path, find: Find) -> None:
        self.store, self.root, self.find = store, root, find
        self.loaded: Vectorizer | None = None

    @property
    def kind(self) -> EntryKind:
        """What the entries of the collection are."""
        return "texts" if self.store.get("kind") == "texts" else "images"

    def vectorized(self, query: Query) -> Vectorized:
        """One query. Raises UserError for an image that is not there or cannot be read, and for
        words where the encoder reads none."""
        if isinstance(query, int):
            return self._of_collection(query)
        if not isinstance(query, str | Path):
            from handloom.data.objects import input_names

            query = Path(input_names(query)[0][0])
        if isinstance(query, LiteralText):
            return self._words(query.strip())
        path = Path(query).expanduser()
        if isinstance(query, str) and not is_path(query):
            return self._words(query.strip())
        if not path.exists():
            raise absent(query, f"there is no such image in '{path.parent}'")
        if path.is_dir():
            raise UserError(f"'{query}' is a folder: give one image as the query")
        known = self.store.lookup(_content(path))
        if known is None:
            if not self._record().reads_images:
                raise UserError(
                    f"the encoder of this index, {self._record().spec}, reads no images: give words"
                )
            return Vectorized(encode_single(path, self.vectorizer())[0], path)
        images, vector = known  # a content that is known needs no encoder
        here = path.resolve()
        itself = (image for image in images if (self.root / image.path).resolve() == here)
        return Vectorized(vector, path, next(itself, None))

    def _of_collection(self, number: int) -> Vectorized:
        image, vector = self.store.image(number)
        if self.kind == "images":
            return Vectorized(vector, shortest(self.root / image.path), image)
        words = str(dict(image.own)[TEXT])
        return Vectorized(vector, None, image, words=words, kinds=frozenset({"words"}))

    def _words(self, words: str) -> Vectorized:
        record = self._record()
        if not record.reads_texts:
            raise UserError(
                f"'{words}' is not the path of an image, and the encoder of this index, "
                f"{record.spec}, reads no words: give an image, --id or --random, or index with "
                "one that does ('handloom index ... --rebuild --encoder clip:ViT-B-32')"
            )
        if not words:
            raise UserError("the query is an empty text: give an image, or words")
        if any("\ud800" <= letter <= "\udfff" for letter in words):  # bytes of a command line
            raise UserError("the query has bytes that are not UTF-8: type its words again")
        vectorizer = self.vectorizer()
        unknown = vectorizer.unknown_words(words)
        vector = vectorizer.texts([words])[0]
        return Vectorized(vector, words=words, kinds=frozenset({"words"}), unknown=unknown)

    def combined(
        self, query: Query | None, plus: Sequence[Query], minus: Sequence[Query]
    ) -> Vectorized:
        """A query with others added and taken away, each of length 1."""
        first = None if query is None else self.vectorized(query)
        added = [*([first] if first else []), *map(self.vectorized, plus)]
        taken = list(map(self.vectorized, minus))
        parts = [each.vector for each in added] + [-each.vector for each in taken]
        if not parts:
            raise UserError("there is no query: give an image, words, --id, --random or --plus")
        total = parts[0] if len(parts) == 1 else sum(parts[1:], start=parts[0])
        if float(total @ total) < 1e-6:
            raise UserError("the query is nothing: what --minus takes away is all that was given")
        asked = frozenset(each.image.id for each in added if each.image is not None)
        kinds = frozenset[QueryKind]().union(*(each.kinds for each in [*added, *taken]))
        unknown = dict.fromkeys(word for each in [*added, *taken] for word in each.unknown)
        path, image, words = (first.path, first.image, first.words) if first else (None,) * 3
        return Vectorized(normalized(total), path, image, asked, words, kinds, tuple(unknown))

    def vectorizer(self) -> Vectorizer:
        """The encoder of the index, which a rebuild by another process may change. Raises UserError
        where its weights are no longer the same."""
        record = self._record()
        if self.loaded is None or self.loaded.record.fingerprint != record.fingerprint:
            self.loaded = vectors_of(record, self._whole)
        return self.loaded

    def to_compile(self) -> list[EntryKind]:
        """What torch had to be loaded for, where compiling it saves the next process that."""
        kinds: tuple[EntryKind, ...] = ("images", "texts")
        loaded = self.loaded
        return [kind for kind in kinds if loaded is not None and loaded.is_to_be_compiled(kind)]

    def compile(self, kind: EntryKind) -> None:
        """Compile it, also when the index is closed."""
        if self.loaded is not None:
            self.loaded.compile(kind)

    def _whole(self) -> Vectorizer:
        record = self._record()
        loaded = self.find(record.spec, recorded_weights(record))
        if loaded.record.fingerprint != record.fingerprint:
            raise UserError(
                f"{record.spec} has other weights now than when '{self.store.name}' was made: "
                "embed its images again with 'handloom index ... --rebuild'"
            )
        return loaded

    def _record(self) -> EncoderRecord:
        record = self.store.encoder()
        if record is None:
            raise UserError(f"the index '{self.store.name}' holds no images yet")
        return record


def _content(path: Path) -> bytes:
    """The digest of a file, as `refresh` makes it; empty for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError:
        return b""


def is_path(query: str) -> bool:
    """Whether a path is meant, not words: it has the suffix of an image, is there, or is written as
    the path of something in a folder that is there, by which a mistyped one is known."""
    if not query.strip():
        return False
    if is_image(query) or exists(query):
        return True
    folder = max(query.rpartition("/")[0], query.rpartition("\\")[0], key=len)
    return query.startswith(BEGINNINGS) or (bool(folder) and exists(folder))


def has_slash(query: str) -> bool:
    """Whether words could be taken for a path."""
    return "/" in query or "\\" in query


def exists(path: str) -> bool:
    """Whether there is a file or folder; a text may be longer than a path can be."""
    try:
        return Path(path).expanduser().exists()
    except (OSError, RuntimeError):  # longer than a name may be; ~ of somebody unknown
        return False
