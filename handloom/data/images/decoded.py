"""Image files decoded once, in parallel, into one file keyed by their content."""

import statistics
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from handloom.data.images.chunks import CHUNK, Chunk, decode_chunk
from handloom.data.images.decode import (
    GREY,
    Header,
    Treatment,
    Undecodable,
    deep_values,
    probe,
    quiet,
)
from handloom.data.images.deep import levels_of, spread
from handloom.data.images.fit import choose_fit
from handloom.data.images.heic import has_plugin
from handloom.data.images.reading import Shape
from handloom.data.io import cache
from handloom.data.io.digest import digest
from handloom.data.io.parallel import in_chunks
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import cache_folder
from handloom.errors import UserError

VERSION = "4"  # of what decoding yields; a new one leaves older caches behind
DEFAULT_SIZE = 64
MOST_DEEP = 500  # images of more than 8 bits that decide on the levels of a set


def decode_files(
    paths: Sequence[Path], digests: Sequence[str], shape: Shape, report: ReportProgress
) -> cache.Decoded:
    """All files that can be decoded, from the cache if the same contents were decoded before.

    What `shape` leaves open is decided once for the set: the size is 64 pixels (less for small
    images), channels what the images have, the fit by their proportions, levels by their values.
    Raises UserError where no image can be decoded or the cache cannot be written.
    """
    key = digest(VERSION, str(shape), *["HEIC"] * has_plugin(), *digests)
    known = cache.opened(key)
    if known is not None:
        return known
    with quiet(), cache.writer(key) as target:
        treatment = _treatment(paths, shape)
        kept: list[Chunk] = []
        for chunk in in_chunks(partial(decode_chunk, treatment), paths, CHUNK):
            target.append(chunk.images)
            kept.append(chunk._replace(images=chunk.images[:0].copy()))
            report("decoding", min(CHUNK * len(kept), len(paths)), len(paths))
        if shape.channels is None and treatment.channels == 3 and all(c.is_grey for c in kept):
            treatment = treatment._replace(channels=1)
            target.first_channel_only()
        _finish(target, kept, treatment)
    known = cache.opened(key)
    if known is None:
        raise UserError(
            f"the cache '{cache_folder()}' does not keep what is written to it: "
            "set HANDLOOM_CACHE to another folder"
        )
    return known


def _treatment(paths: Sequence[Path], shape: Shape) -> Treatment:
    is_open = shape.size is None or shape.channels is None or shape.fit is None
    asked = paths if is_open or not shape.is_like_run else ()
    probed = [header for part in in_chunks(_probe, asked, CHUNK) for header in part]
    headers = [header for header in probed if header is not None]
    height, width = shape.size or _default_size(headers)
    levels = shape.levels
    if levels is None and not shape.is_like_run:
        levels = _levels([path for path, header in zip(paths, probed, strict=False)
                          if header is not None and header.is_deep])  # fmt: skip
    channels = shape.channels or (1 if all(header.mode in GREY for header in headers) else 3)
    fit = shape.fit or choose_fit([(header.width, header.height) for header in headers])
    return Treatment(
        height, width, channels, fit, shape.background, levels, shape.crop, shape.interpolation
    )


def _levels(deep: Sequence[Path]) -> tuple[float, float] | None:
    spreads = []
    for path in deep[:: max(1, -(-len(deep) // MOST_DEEP))]:
        try:
            spreads.append(spread(deep_values(path)))
        except Undecodable:
            continue  # decoding will say so again, with the reason
    return levels_of(spreads) if spreads else None


def _finish(target: cache.Writer, kept: list[Chunk], treatment: Treatment) -> None:
    broken = [entry for chunk in kept for entry in chunk.broken]
    rows = [row for chunk in kept for row in chunk.rows]
    shape = Shape(
        background=treatment.background,
        crop=treatment.crop,
        interpolation=treatment.interpolation,
    )
    size = (treatment.height, treatment.width)
    preprocessing = shape.recorded(size, treatment.channels, treatment.fit)
    if treatment.levels is not None:
        preprocessing["levels"] = list(treatment.levels)
    headers = [header for chunk in kept for header in chunk.headers]
    aspect = [round(header.aspect, 5) for header in headers]
    target.describe(rows, broken, _facts(headers), preprocessing, aspect)


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


def _facts(headers: list[Header]) -> dict[str, Any]:
    """What the files are like as they are stored, without the broken ones."""
    if not headers:
        return {}
    ratios = [max(h.width, h.height) / max(min(h.width, h.height), 1) for h in headers]
    return {
        "formats": dict(Counter(header.format for header in headers).most_common()),
        "modes": dict(Counter(header.mode for header in headers).most_common()),
        "width": _spread([header.width for header in headers]),
        "height": _spread([header.height for header in headers]),
        "aspect": _spread([round(ratio, 3) for ratio in ratios]),
        "deep": sum(header.is_deep for header in headers),
        "transparent": sum(header.is_transparent for header in headers),
        "pages": sum(header.has_pages for header in headers),
        "blank": sum(header.is_blank for header in headers),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}
