"""Milvus as a store, by its URL; the contract is `store.VectorStore`.

An image is an entity. A collection holds the vectors of one encoder, whose record is among its
properties; searches go to an alias, which is set to another collection when that is complete. One
writer is not kept from another, as a file's lock would: both write the same entities.
"""

import json
import os
import secrets
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from handloom.errors import UserError
from handloom.extras import require
from handloom.search import milvus_collection
from handloom.search.closing import Closing, closed_on_error
from handloom.search.differences import in_portions
from handloom.search.expressions import expression, quoted
from handloom.search.filters import Condition
from handloom.search.milvus_client import ANSWERING, TimedClient, sentences
from handloom.search.milvus_collection import (
    AT_ONCE,
    ENTRY,
    GOOD,
    IMAGE,
    among,
    by_content,
    entity,
    entry_of,
    fit_index,
    floats,
    image_of,
    matches,
    number,
    properties,
    rows,
    sample,
    vectors_of,
)
from handloom.search.records import (
    OWN_COLUMNS,
    ColumnKind,
    EncoderRecord,
    Entry,
    Image,
    Match,
    Part,
    Vectors,
)
from handloom.search.spool import sorted_entries

FIRST, MOST = 64, 16_384  # entities asked for at first, and at most, as the server allows
TOKEN = "MILVUS_TOKEN"


class MilvusStore(Closing):
    """A collection of a Milvus server, or of a file of Milvus Lite."""

    def __init__(self, url: str, collection: str, timeout: float = ANSWERING) -> None:
        require("milvus", f"the store {url}")
        self.name, self.url, self.alias = f"{url} {collection}", url, collection
        self.title = collection
        with sentences(url):
            self._client: Any = TimedClient(url, os.environ.get(TOKEN, ""), timeout)
            self._closing = weakref.finalize(self, self._client.shut)
            with closed_on_error(self):
                self._target = self._searched()
        self._facts: dict[str, Any] = {}
        self._is_beside, self._paths = False, set[str]()  # a set beside: what was put into it

    def encoder(self) -> EncoderRecord | None:
        """The encoder of the vectors that are searched."""
        known = self._properties(self._searched()).get("encoder")
        return EncoderRecord(*known) if known else None

    def columns(self) -> dict[str, ColumnKind]:
        """Columns that conditions may name."""
        return {**self._properties(self._target).get("own", {}), **OWN_COLUMNS}

    def entries(self, broken: bool = False) -> Iterator[Entry]:
        """Every file that is known, in the order of their paths: a server goes by the numbers of
        its entities, so that all are fetched and sorted on the disk, 0.2 KB each, before the first.
        """
        place = self._searched()
        if place is None:
            return
        own = list(self._properties(place).get("own", {}))
        test = "reason is not null" if broken else ""
        with sentences(self.url):
            hits = (entry_of(row, own) for row in rows(self._client, place, test, ENTRY))
            yield from sorted_entries(hits, own)

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield  # a server has no lock

    def begin(self, encoder: EncoderRecord, is_rebuild: bool) -> None:
        """Take vectors of this encoder from now on, in a collection of its own if need be."""
        current = self.encoder()
        if current is not None and current.fingerprint == encoder.fingerprint and not is_rebuild:
            self._target = self._searched()
            self._set(self._target, encoder=list(encoder))
            return
        before, name = self._searched(), f"{self.alias}_{encoder.fingerprint[:16]}"
        name = name if name != before else f"{name}_again"
        with sentences(self.url):
            if not self._client.has_collection(name):
                facts = {**self._properties(before), **self._facts, "encoder": list(encoder)}
                kept = {f"handloom.{key}": json.dumps(value) for key, value in facts.items()}
                milvus_collection.create(self._client, name, encoder.width, kept)
            self._target, self._is_beside = name, before is not None
            if before is None:
                self._client.create_alias(name, self.alias)

    def unembedded(self) -> set[str]:
        """None: an entity has its vector."""
        return set()

    def missing(self, contents: Iterable[bytes]) -> Iterator[bytes]:
        """Which contents have no vector in the collection that was begun; they are held, 0.1 KB
        each, as by `held`."""
        asked = set(contents)
        with sentences(self.url):
            yield from asked - among(self._client, self._begun(), GOOD, asked)

    def held(self, contents: Iterable[bytes]) -> Iterator[bytes]:
        """Which contents a file has."""
        place, asked = self._searched(), set(contents)
        with sentences(self.url):
            yield from among(self._client, place, "", asked) if place is not None else ()

    def put(
        self,
        entries: Iterable[Entry],
        part: Part | None,
        own: Mapping[str, ColumnKind] | None = None,
    ) -> None:
        """Add or replace files together with the vectors of new contents."""
        with sentences(self.url):
            if own is not None:
                self._set(self._target, own=dict(own))
            new = {} if part is None else by_content(part)
            empty = np.eye(1, self._width(), dtype=np.float32)[0], ""
            for some in in_portions(entries, AT_ONCE):
                vectors = new | vectors_of(
                    self._client, self._begun(), {each.content for each in some} - new.keys()
                )
                self._client.upsert(self._target, [
                    entity(entry, *vectors.get(entry.content, empty)) for entry in some
                ])  # fmt: skip
                if self._is_beside:
                    self._paths.update(entry.path for entry in some)
            self._count_change()

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files."""
        with sentences(self.url):
            for some in in_portions(paths, AT_ONCE):
                self._client.delete(self._target, ids=[number(path) for path in some])
            self._count_change()

    def finish(self) -> None:
        """Search the collection that was begun, by the index that suits its size; drop others."""
        with sentences(self.url):
            if self._searched() != self._target:  # else a set may be growing beside
                every = (row["path"] for row in rows(self._client, self._begun(), "", ["path"]))
                self.remove(sorted(path for path in every if path not in self._paths))
                self._client.alter_alias(self._target, self.alias)
                for name in self._client.list_collections():
                    if name.startswith(f"{self.alias}_") and name != self._target:
                        self._client.drop_collection(name)
            self._client.flush(self._target)
            fit_index(self._client, self._begun(), self.count()[0])
            self._count_change()

    def count(self) -> tuple[int, int]:
        """Images that can be searched, and broken ones."""
        place = self._searched()
        if place is None:
            return 0, 0
        with sentences(self.url):
            good, every = (self._client.query(place, filter=test, output_fields=["count(*)"])
                           for test in (GOOD, ""))  # fmt: skip
        return good[0]["count(*)"], every[0]["count(*)"] - good[0]["count(*)"]

    def nearest(
        self, query: Vectors, condition: Condition | None = None, approximate: bool | None = None
    ) -> Iterator[Match]:
        """Contents by falling cosine with a query (D,), from at most 16,384 images."""
        place, given, most = self._filled(), set[str](), FIRST
        test = GOOD if condition is None else f"{GOOD} and {expression(condition)}"
        while True:
            with sentences(self.url):
                hits = self._client.search(
                    place, [query.tolist()], limit=most, filter=test,
                    output_fields=[*IMAGE, "vector", "thumb"],
                    search_params={"params": {"ef": max(128, 2 * most)}},
                )[0]  # fmt: skip
            hits = sorted(hits, key=lambda hit: (-hit["distance"], hit["entity"]["path"]))
            for match in matches(hits, given):
                given.add(match.images[0].content.hex())
                yield match
            if len(hits) < most or most == MOST:
                return
            most = min(MOST, 4 * most)

    def image(self, id: int) -> tuple[Image, Vectors]:
        """An image by its number, and its vector."""
        with sentences(self.url):
            hits = self._client.query(
                self._filled(), filter=f"id == {int(id)} and {GOOD}",
                output_fields=[*IMAGE, "vector"],
            )  # fmt: skip
        if not hits:
            raise UserError(
                f"--id {id}: no image has this number: take one from the column id of a search"
            )
        return image_of(hits[0]), floats(hits[0]["vector"])

    def lookup(self, content: bytes) -> tuple[tuple[Image, ...], Vectors] | None:
        """The images that have a content, and their vector (D,)."""
        with sentences(self.url):
            hits = self._client.query(
                self._filled(), filter=f"content == {quoted(content.hex())} and {GOOD}",
                output_fields=[*IMAGE, "vector"],
            )  # fmt: skip
        if not hits:
            return None
        return tuple(map(image_of, hits)), floats(hits[0]["vector"])

    def random(self) -> int:
        """The number of any image."""
        place, least = self._filled(), secrets.randbelow(2**53)
        with sentences(self.url):
            for test in (f"id >= {least} and {GOOD}", GOOD):
                hits = self._client.query(place, filter=test, limit=1, output_fields=["id"])
                if hits:
                    return int(hits[0]["id"])
        raise UserError(f"the index '{self.name}' holds no images yet")

    def sample(self, most: int) -> tuple[Vectors, list[Image]]:
        """Vectors of at most so many contents, evenly over the store, and an image of each."""
        with sentences(self.url):
            return sample(self._client, self._filled(), most)

    def get(self, key: str) -> Any:
        """A fact that was kept about the store."""
        return {**self._properties(self._searched()), **self._facts}.get(f"fact {key}")

    def set(self, key: str, value: str) -> None:
        """Keep a fact about the store."""
        self._facts[f"fact {key}"] = value
        if self._target is not None:
            self._set(self._target, **{f"fact {key}": value})

    def changes(self) -> int:
        """How many times something was written."""
        return int(self._properties(self._target).get("changes", 0))

    def close(self) -> None:
        """Release the connection."""
        self._closing()

    def _searched(self) -> str | None:
        """The collection that the alias means; None where there is none yet."""
        with sentences(self.url):
            if not self._client.has_collection(self.alias):
                return None
            return str(self._client.describe_collection(self.alias)["collection_name"])

    def _begun(self) -> str:
        assert self._target is not None, "begin comes first"
        return self._target

    def _filled(self) -> str:
        place = self._searched()
        if place is None:
            raise UserError(f"the index '{self.name}' holds no images yet")
        return place

    def _properties(self, place: str | None) -> dict[str, Any]:
        if place is None:
            return {}
        with sentences(self.url):
            return properties(self._client, place)

    def _set(self, place: str | None, **values: Any) -> None:
        kept = {f"handloom.{key}": json.dumps(value) for key, value in values.items()}
        self._client.alter_collection_properties(place, kept)

    def _count_change(self) -> None:
        self._set(self._target, changes=self.changes() + 1)

    def _width(self) -> int:
        return int(EncoderRecord(*self._properties(self._target)["encoder"]).width)
