"""Files of images to vectors and thumbnails, in portions or one alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from handloom.search.copies import SIDE, thumbs
from handloom.search.records import Thumbs, Vectors
from handloom.search.vectors import Vectorizer


class EncodedFiles(NamedTuple):
    """Some files of a list: rows of those that were read, their vectors and thumbnails, and
    (row, reason) of the broken ones."""

    rows: list[int]
    vector: Vectors
    thumb: Thumbs
    broken: list[tuple[int, str]]


def encode(paths: Sequence[Path], vectorizer: Vectorizer, every: int) -> Iterator[EncodedFiles]:
    """Files in order, in portions of about `every`; threads decode while the network encodes."""
    from handloom.data.images.chunks import whole_batches
    from handloom.data.images.decode import Treatment

    assert vectorizer.preprocessing is not None, "it reads no images"
    treatment = Treatment.of(vectorizer.preprocessing)
    no_vector = np.empty((0, vectorizer.record.width), np.float32)
    no_thumb = np.empty((0, SIDE**2), np.uint8)
    parts, taken = list[EncodedFiles](), 0
    for portion in whole_batches(paths, treatment, vectorizer.batch):
        images = portion.images
        vector = vectorizer(images) if len(images) else no_vector
        thumb = thumbs(images) if len(images) else no_thumb
        parts.append(EncodedFiles(portion.rows, vector, thumb, portion.broken))
        if portion.done - taken >= every or portion.done == len(paths):
            yield _joined(parts)
            parts, taken = [], portion.done


def encode_single(path: Path, vectorizer: Vectorizer) -> tuple[Vectors, Thumbs]:
    """The vector (D,) of one file. Raises Undecodable, a UserError, for a broken one."""
    from handloom.data.images.decode import Treatment, decode_file, quiet

    assert vectorizer.preprocessing is not None, "it reads no images"
    with quiet():
        pixels, _ = decode_file(path, Treatment.of(vectorizer.preprocessing))
    return vectorizer(pixels[None])[0], thumbs(pixels[None])[0]


def _joined(parts: Sequence[EncodedFiles]) -> EncodedFiles:
    return EncodedFiles(
        [row for part in parts for row in part.rows],
        np.concatenate([part.vector for part in parts]),
        np.concatenate([part.thumb for part in parts]),
        [entry for part in parts for entry in part.broken],
    )
