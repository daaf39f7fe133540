"""What an index holds, as the stores and what is above them exchange it."""

from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

Vectors: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"
"""float32 (N, D), of length 1, so that an inner product is the cosine; or (D,)."""
Thumbs: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"
"""Thumbnails uint8 (N, S * S), grey, by which copies of an image are recognised; see `copies`."""
ColumnKind = Literal["text", "number"]
Value = str | float
EntryKind = Literal["images", "texts"]
Reads = Literal["images", "texts", "images and texts"]

TEXT = "text"
"""The column that holds the text of an entry of an index of texts."""
CAPTIONS = ("text", "caption", "captions", "description", "title", "sentence")
"""Columns that are taken for captions, by their usual names."""
OWN_COLUMNS: dict[str, ColumnKind] = {
    "path": "text",
    "folder": "text",
    "label": "text",
    "split": "text",
    "size": "number",
    "date": "text",
}
"""Columns that every index has: size in bytes, date of the last change as 2026-11-26 14:05."""


class EncoderRecord(NamedTuple):
    """Which encoder made the vectors of an index.

    spec: as it was typed, such as "timm:tf_efficientnet_lite0". fingerprint: over network, weights
    and preprocessing. weights: the file they came from, None without; state: that file's size and
    time of change, by which it is known again without being read. reads: what it makes vectors of.
    """

    spec: str
    fingerprint: str
    width: int
    weights: str | None = None
    state: str = ""
    reads: Reads = "images"

    @property
    def reads_images(self) -> bool:
        """Whether images have vectors."""
        return "images" in self.reads

    @property
    def reads_texts(self) -> bool:
        """Whether words have vectors."""
        return "texts" in self.reads


class Entry(NamedTuple):
    """An image file of an index.

    path: relative to the root of the collection, with slashes. size: bytes. mtime: nanoseconds;
    None where the file had just been written, so that its time does not prove it unchanged.
    content: blake2b of the file, 16 bytes; empty for one that could not be read. date: of the last
    change, 2026-11-26 14:05. reason: why the
    image is broken, None for a good one. own: columns of the user's table.
    """

    path: str
    size: int
    mtime: int | None
    content: bytes
    date: str
    label: str | None = None
    split: str | None = None
    own: tuple[tuple[str, Value | None], ...] = ()
    reason: str | None = None


class Part(NamedTuple):
    """Vectors of some contents, to be kept together: content[i] has vector[i] and thumb[i]."""

    content: list[bytes]
    vector: Vectors
    thumb: Thumbs


class Image(NamedTuple):
    """An image of the index as a search returns it; own and label as in `Entry`."""

    id: int
    path: str
    content: bytes
    label: str | None
    own: tuple[tuple[str, Value | None], ...] = ()


class Match(NamedTuple):
    """A content that is near a query: its cosine, and the images that have this content."""

    score: float
    images: tuple[Image, ...]
    vector: Vectors
    thumb: Thumbs


def recorded_weights(record: EncoderRecord) -> Path | None:
    """The file or folder that an encoder's weights came from, where it is there still; None for a
    run, which has weights of its own, and where they are to be found again."""
    place = None if record.weights is None else Path(record.weights)
    if place is None or record.weights == record.spec:
        return None
    return place if place.exists() else None
