"""Image files decoded in threads, some at a time and in order; imports no torch."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from handloom.data.images.decode import Header, Treatment, Undecodable, decode_file, quiet
from handloom.data.io.parallel import in_chunks

CHUNK = 32  # images a thread decodes at a time
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


class Chunk(NamedTuple):
    """Some files of a list, decoded."""

    images: Bytes  # (n, H, W, C), without the broken ones
    headers: list[Header]
    rows: list[int]
    broken: list[tuple[int, str]]
    is_grey: bool


class Portion(NamedTuple):
    """Some files of a list, decoded, in whole batches.

    images: uint8 (n, H, W, C). rows: which file each is of. broken: (file, reason) of others since
    the portion before. done: files that have been read so far.
    """

    images: Bytes
    rows: list[int]
    broken: list[tuple[int, str]]
    done: int


def decode_chunk(treatment: Treatment, start: int, paths: Sequence[Path]) -> Chunk:
    """Files from number `start` of their list on; for use in threads, inside `quiet`."""
    images = np.empty((len(paths), *treatment[:3]), np.uint8)
    headers: list[Header] = []
    rows: list[int] = []
    broken: list[tuple[int, str]] = []
    for row, path in enumerate(paths, start):
        try:
            images[len(rows)], header = decode_file(path, treatment)
        except Undecodable as error:
            broken.append((row, error.reason))
        else:
            headers.append(header)
            rows.append(row)
    images = images[: len(rows)]
    is_grey = bool((images[..., :1] == images).all())
    return Chunk(images, headers, rows, broken, is_grey)


def whole_batches(paths: Sequence[Path], treatment: Treatment, batch: int) -> Iterator[Portion]:
    """The files in order, in portions whose images fill batches of `batch`; the last has the rest.

    Threads go on decoding while a portion is used; at most 128 decoded images a thread wait. A
    portion may have no images, only broken files or a count of those done.
    """
    waiting, rows, done = list[Bytes](), list[int](), 0
    with quiet():
        for chunk in in_chunks(partial(decode_chunk, treatment), paths, CHUNK):
            waiting.append(chunk.images)
            rows += chunk.rows
            done = min(done + CHUNK, len(paths))
            count = len(rows) if done == len(paths) else len(rows) // batch * batch
            images = np.concatenate(waiting) if count else chunk.images[:0]
            yield Portion(images[:count], rows[:count], chunk.broken, done)
            if count:
                waiting, rows = [images[count:]], rows[count:]
