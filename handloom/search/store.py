"""What every store of an index does: the embedded one, and a server's."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, Self

from handloom.search.filters import Condition
from handloom.search.records import ColumnKind, EncoderRecord, Entry, Image, Match, Part, Vectors


class VectorStore(Protocol):
    """Images of one collection with the vectors of one encoder.

    A content is embedded once, however many files have it. What a call has written outlasts a kill;
    readers see it at once, and never half of it.
    """

    name: str
    """What a person calls it by: a path or an address."""
    title: str
    """The same without its place: photos of shop/photos.index, of a server the collection."""

    def encoder(self) -> EncoderRecord | None:
        """The encoder of the vectors that are searched; None in an empty store."""

    def columns(self) -> dict[str, ColumnKind]:
        """Columns that conditions may name: those of every index, and the user's own."""

    def entries(self, broken: bool = False) -> Iterator[Entry]:
        """Every file that is known, broken ones too, in the order of their paths (`path_order`); or
        the broken ones alone. One at a time: a million of them are 1 GB."""

    def writing(self) -> AbstractContextManager[None]:
        """Alone to write; UserError where another process is writing."""

    def begin(self, encoder: EncoderRecord, is_rebuild: bool) -> None:
        """Take vectors of this encoder from now on.

        In a store that has vectors of another, or with is_rebuild, they are kept beside those that
        are searched until `finish`. A set that was begun before by the same encoder is continued.
        """

    def unembedded(self) -> set[str]:
        """Paths of good files whose content has no vector of the encoder that was begun, as after a
        rebuild that did not end. Of the encoder that is searched alone; of another one `missing`
        says it."""

    def missing(self, contents: Iterable[bytes]) -> Iterator[bytes]:
        """Which contents have no vector of the encoder that was begun."""

    def held(self, contents: Iterable[bytes]) -> Iterator[bytes]:
        """Which contents a file has, a broken one too; each is asked once."""

    def put(
        self,
        entries: Iterable[Entry],
        part: Part | None,
        own: Mapping[str, ColumnKind] | None = None,
    ) -> None:
        """Add or replace files together with the vectors of new contents, at once.

        Every entry's content is in the part or known, or the entry is broken. own: the user's
        columns, where they are new.
        """

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files."""

    def finish(self) -> None:
        """Search the vectors of the encoder that was begun, and drop those of no file."""

    def count(self) -> tuple[int, int]:
        """Images that can be searched, and broken ones."""

    def nearest(
        self, query: Vectors, condition: Condition | None, approximate: bool | None
    ) -> Iterator[Match]:
        """Contents by falling cosine with a query (D,), all of them, as many as are taken.

        condition: only images of which it is true. approximate: by an index that may miss some;
        None leaves it to the size of the collection. Equal scores come in a fixed order.
        """

    def image(self, id: int) -> tuple[Image, Vectors]:
        """An image by its number, and its vector (D,). UserError for one that there is not."""

    def lookup(self, content: bytes) -> tuple[tuple[Image, ...], Vectors] | None:
        """The images that have a content, and their vector (D,); None where there are none."""

    def random(self) -> int:
        """The number of any image. UserError in an empty store."""

    def sample(self, most: int) -> tuple[Vectors, list[Image]]:
        """Vectors of at most so many contents, evenly over the store, and an image of each: one
        with a label where there is one."""

    def get(self, key: str) -> str | None:
        """A fact that was kept about the store."""

    def set(self, key: str, value: str) -> None:
        """Keep a fact about the store; of one that can only be read it is not kept."""

    def changes(self) -> int:
        """How many times something was written: what was computed before another one is stale."""

    def close(self) -> None:
        """Release files and connections; a second time it does nothing."""

    def __enter__(self) -> Self:
        """Closed where its `with` statement ends."""

    def __exit__(self, *_: object) -> None: ...
