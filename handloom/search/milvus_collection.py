"""A collection of Milvus: its schema, its index by size, and images as its entities."""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from handloom.search.expressions import quoted
from handloom.search.records import Entry, Image, Match, Part, Vectors

AT_ONCE = 500  # entities of a call
LONGEST = 65_535  # bytes of a text field
FLAT_UP_TO = 200_000  # images that are compared one by one; beyond, HNSW (arXiv:1603.09320)
HNSW = {"M": 32, "efConstruction": 200}
ENTRY = ["path", "size", "mtime", "content", "date", "label", "split", "own", "reason"]
IMAGE = ["id", "path", "content", "label", "own"]
TEXTS = ("path", "content", "date", "folder", "label", "split", "reason", "thumb")
GOOD = "reason is null"  # true of images that are not broken
NEEDED = ("path", "content", "date", "thumb")


def create(client: Any, name: str, width: int, properties: dict[str, str]) -> None:
    """A collection for vectors of that width."""
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    for text in TEXTS:
        schema.add_field(text, DataType.VARCHAR, max_length=LONGEST, nullable=text not in NEEDED)
    schema.add_field("size", DataType.INT64)
    schema.add_field("mtime", DataType.INT64, nullable=True)
    schema.add_field("own", DataType.JSON, nullable=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=width)
    client.create_collection(
        name, schema=schema, index_params=index(client, 0), properties=properties,
        consistency_level="Strong",
    )  # fmt: skip


def index(client: Any, count: int) -> Any:
    """The index for so many images: exact up to 200,000, HNSW beyond."""
    parameters = client.prepare_index_params()
    if count <= FLAT_UP_TO:
        parameters.add_index("vector", index_type="FLAT", metric_type="COSINE")
    else:
        parameters.add_index("vector", index_type="HNSW", metric_type="COSINE", params=HNSW)
    return parameters


def fit_index(client: Any, name: str, count: int) -> None:
    """Exact search for small collections, HNSW for large ones."""
    known = client.describe_index(name, "vector") or {}
    if known.get("index_type") == ("FLAT" if count <= FLAT_UP_TO else "HNSW"):
        return
    client.release_collection(name)
    client.drop_index(name, "vector")
    client.create_index(name, index(client, count))
    client.load_collection(name)


def entity(entry: Entry, vector: Vectors, thumb: str) -> dict[str, Any]:
    """An image as an entity; its number is that of its path, so that a path is there once."""
    return {
        "id": number(entry.path), "path": entry.path, "content": entry.content.hex(),
        "date": entry.date, "folder": entry.path.rpartition("/")[0], "label": entry.label,
        "split": entry.split, "size": entry.size, "mtime": entry.mtime, "reason": entry.reason,
        "own": {name: value for name, value in entry.own if value is not None},
        "thumb": thumb, "vector": vector.tolist(),
    }  # fmt: skip


def entry_of(row: dict[str, Any], own: list[str]) -> Entry:
    """An entry from the fields of `ENTRY`; own: names of the user's columns."""
    values = row["own"] or {}
    cells = tuple((name, values.get(name)) for name in own) if values else ()
    return Entry(
        row["path"], row["size"], row["mtime"], bytes.fromhex(row["content"]), row["date"],
        row["label"], row["split"], cells, row["reason"],
    )  # fmt: skip


def image_of(row: dict[str, Any]) -> Image:
    """An image from the fields of `IMAGE`."""
    own = tuple((row["own"] or {}).items())
    return Image(row["id"], row["path"], bytes.fromhex(row["content"]), row["label"], own)


def number(path: str) -> int:
    """The number of an image, from 0 to 2^53: JSON and people's other tools keep it exact."""
    digest = hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 11


def rows(client: Any, name: str, condition: str, fields: list[str]) -> Iterator[dict[str, Any]]:
    """All entities of which a condition is true, however many."""
    iterator = client.query_iterator(name, batch_size=1_000, filter=condition, output_fields=fields)
    try:
        while some := iterator.next():
            yield from some
    finally:
        iterator.close()


def among(client: Any, name: str, condition: str, contents: set[bytes]) -> set[bytes]:
    """Which of some contents an entity has of which a condition is true: one pass over all."""
    hits = rows(client, name, condition, ["content"]) if contents else ()
    return contents.intersection(bytes.fromhex(row["content"]) for row in hits)


def properties(client: Any, name: str) -> dict[str, Any]:
    """Properties of a collection that were set here, without their prefix."""
    known = client.describe_collection(name).get("properties") or {}
    return {
        key.removeprefix("handloom."): json.loads(value)
        for key, value in dict(known).items()
        if key.startswith("handloom.")
    }


def floats(vector: Any) -> Vectors:
    """A vector of an answer, float32 (D,)."""
    return np.asarray(vector, np.float32)


def matches(hits: Sequence[dict[str, Any]], given: Collection[str]) -> Iterator[Match]:
    """Hits in their order, those of one content together, without contents that were given."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for hit in hits:
        if hit["entity"]["content"] not in given:
            groups.setdefault(hit["entity"]["content"], []).append(hit)
    for hits in groups.values():
        first = hits[0]["entity"]
        yield Match(
            float(hits[0]["distance"]), tuple(image_of(hit["entity"]) for hit in hits),
            floats(first["vector"]), np.frombuffer(bytes.fromhex(first["thumb"]), np.uint8),
        )  # fmt: skip


def by_content(part: Part) -> dict[bytes, tuple[Vectors, str]]:
    """Vectors and thumbnails of new contents."""
    return {
        content: (vector, thumb.tobytes().hex())
        for content, vector, thumb in zip(*part, strict=True)
    }


def vectors_of(
    client: Any, name: str, contents: Collection[bytes]
) -> dict[bytes, tuple[Vectors, str]]:
    """Vectors and thumbnails of contents that are there already."""
    if not contents:
        return {}
    listed = ", ".join(quoted(content.hex()) for content in contents if content)
    hits = client.query(
        name, filter=f"content in [{listed}] and {GOOD}",
        output_fields=["content", "vector", "thumb"],
    )  # fmt: skip
    return {bytes.fromhex(row["content"]): (floats(row["vector"]), row["thumb"])
            for row in hits}  # fmt: skip


def sample(client: Any, name: str, most: int) -> tuple[Vectors, list[Image]]:
    """Vectors of at most so many contents, evenly over a collection, and an image of each."""
    known = {row["content"]: row["path"] for row in rows(client, name, GOOD, ["content", "path"])}
    paths = sorted(known.values())
    if len(paths) > most:
        paths = [paths[at * len(paths) // most] for at in range(most)]
    vectors, images = list[Vectors](), list[Image]()
    for start in range(0, len(paths), AT_ONCE):
        ids = [number(path) for path in paths[start : start + AT_ONCE]]
        for row in client.get(name, ids=ids, output_fields=[*IMAGE, "vector"]):
            vectors.append(floats(row["vector"]))
            images.append(image_of(row))
    return np.stack(vectors), images
