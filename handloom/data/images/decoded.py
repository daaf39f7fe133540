"""Image files decoded once, in parallel, into one file keyed by their content."""

import statistics
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from handloom.data.images.dataset import Report
from handloom.data.images.decode import GREY, Header, Undecodable, decode_file, probe, quiet
from handloom.data.images.duplicates import near
from handloom.data.io import cache
from handloom.data.io.digest import digest
from handloom.data.io.parallel import in_chunks
from handloom.data.io.storage import cache_folder
from handloom.errors import UserError

VERSION = "1"  # of what decoding yields; a new one leaves older caches behind
CHUNK = 32  # images a thread decodes at a time
DEFAULT_SIZE = 64
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


class _Chunk(NamedTuple):
    images: Bytes  # (n, H, W, C), without the broken ones
    headers: list[Header]
    rows: list[int]
    broken: list[tuple[int, str]]
    is_grey: bool


def decoded(
    paths: Sequence[Path],
    digests: Sequence[str],
    size: int | None,
    channels: int | None,
    report: Report,
) -> cache.Decoded:
    """All files that can be decoded, from the cache if the same contents were decoded before.

    `size` None means 64 pixels (less for small images), `channels` None what the images have.
    Raises UserError where no image can be decoded or the cache cannot be written.
    """
    key = digest(VERSION, str(size), str(channels), *digests)
    found = cache.opened(key)
    if found is not None:
        return found
    with quiet(), cache.writer(key) as target:
        asked = paths if size is None or channels is None else ()
        probed = (one for part in in_chunks(_probe, asked, CHUNK) for one in part)
        headers = [header for header in probed if header is not None]
        height, width = (size, size) if size else _default_size(headers)
        depth = channels or (1 if all(header.mode in GREY for header in headers) else 3)
        kept: list[_Chunk] = []
        work = partial(_decode, height, width, depth)
        for chunk in in_chunks(work, paths, CHUNK):
            target.append(chunk.images)
            kept.append(chunk._replace(images=chunk.images[:0].copy()))
            report("decoding", min(CHUNK * len(kept), len(paths)), len(paths))
        if channels is None and depth == 3 and all(chunk.is_grey for chunk in kept):
            depth = 1
            target.first_channel_only()
        _finish(target, kept, {"size": [height, width], "channels": depth, "fit": "crop"}, report)
    found = cache.opened(key)
    if found is None:
        raise UserError(
            f"the cache '{cache_folder()}' does not keep what is written to it: "
            "set HANDLOOM_CACHE to another folder"
        )
    return found


def _finish(
    target: cache.Writer, kept: list[_Chunk], preprocessing: dict[str, Any], report: Report
) -> None:
    broken = [entry for chunk in kept for entry in chunk.broken]
    rows = [row for chunk in kept for row in chunk.rows]
    image = target.mapped(len(rows), preprocessing)
    group = near(image, report)
    target.describe(
        rows, group, broken, _facts([h for chunk in kept for h in chunk.headers]), preprocessing
    )


def _probe(_: int, paths: Sequence[Path]) -> list[Header | None]:
    headers: list[Header | None] = []
    for path in paths:
        try:
            headers.append(probe(path))
        except Undecodable:
            headers.append(None)  # decoding will say so again, with the reason
    return headers


def _default_size(headers: list[Header]) -> tuple[int, int]:
    """64 unless images are smaller: then their own size if they share it, else what fits most."""
    if not headers:
        return DEFAULT_SIZE, DEFAULT_SIZE
    longest = [max(header.width, header.height) for header in headers]
    if statistics.median(longest) >= DEFAULT_SIZE:
        return DEFAULT_SIZE, DEFAULT_SIZE
    shortest = [min(header.width, header.height) for header in headers]
    if len({*longest, *shortest}) == 1:  # 28x28 stays 28x28
        return longest[0], longest[0]
    most = max(8, int(statistics.median_low(shortest)) // 8 * 8)
    return most, most


def _decode(height: int, width: int, channels: int, start: int, paths: Sequence[Path]) -> _Chunk:
    images = np.empty((len(paths), height, width, channels), np.uint8)
    headers: list[Header] = []
    rows: list[int] = []
    broken: list[tuple[int, str]] = []
    for row, path in enumerate(paths, start):
        try:
            images[len(rows)], header = decode_file(path, height, width, channels)
        except Undecodable as error:
            broken.append((row, error.reason))
        else:
            headers.append(header)
            rows.append(row)
    images = images[: len(rows)]
    is_grey = bool((images[..., :1] == images).all())
    return _Chunk(images, headers, rows, broken, is_grey)


def _facts(headers: list[Header]) -> dict[str, Any]:
    """What the files are like as they are stored, without the broken ones."""
    if not headers:
        return {}
    return {
        "formats": dict(Counter(header.format for header in headers).most_common()),
        "modes": dict(Counter(header.mode for header in headers).most_common()),
        "width": _spread([header.width for header in headers]),
        "height": _spread([header.height for header in headers]),
    }


def _spread(pixels: list[int]) -> dict[str, float]:
    return {"min": min(pixels), "median": statistics.median(pixels), "max": max(pixels)}
