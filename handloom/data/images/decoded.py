"""Image files decoded once, in parallel, into one file keyed by their content."""

import statistics
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from handloom.data.images.chunks import CHUNK, Chunk, decode_chunk
from handloom.data.images.decode import Header, Treatment, quiet
from handloom.data.images.heic import has_plugin
from handloom.data.images.reading import Shape
from handloom.data.images.treatment import Headers, sampled, treatment_of
from handloom.data.io import cache
from handloom.data.io.digest import digest
from handloom.data.io.parallel import in_chunks
from handloom.data.io.progress import ReportProgress
from handloom.data.io.storage import cache_folder
from handloom.errors import UserError

VERSION = "4"  # of what decoding yields; a new one leaves older caches behind


def decode_files(
    paths: Sequence[Path], digests: Sequence[str], shape: Shape, report: ReportProgress
) -> cache.Decoded:
    """All files that can be decoded, from the cache if the same contents were decoded before.

    What `shape` leaves open is decided once for the set: the size is 64 pixels (less for small
    images), channels what the images have, the fit by their proportions, levels by their values. A
    sample of the headers says so beforehand; where all of them say otherwise, all is decoded again.
    Raises UserError where no image can be decoded or the cache cannot be written.
    """
    key = digest(VERSION, str(shape), *["HEIC"] * has_plugin(), *digests)
    known = cache.opened(key)
    if known is not None:
        return known
    with quiet(), cache.writer(key) as target:
        sample = sampled(paths, shape)
        treatment = treatment_of(sample, shape)
        kept = _decoded(paths, treatment, target, report)
        if len(sample) < len(paths):
            settled = treatment_of(_headers(paths, kept), shape)
            if settled != treatment:  # the only image with colours was not in the sample
                target.clear()
                kept, treatment = _decoded(paths, settled, target, report), settled
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


def _decoded(
    paths: Sequence[Path], treatment: Treatment, target: cache.Writer, report: ReportProgress
) -> list[Chunk]:
    """All that was decoded but the images, which are written."""
    kept: list[Chunk] = []
    for chunk in in_chunks(partial(decode_chunk, treatment), paths, CHUNK):
        target.append(chunk.images)
        kept.append(chunk._replace(images=chunk.images[:0].copy()))
        report("decoding", min(CHUNK * len(kept), len(paths)), len(paths))
    return kept


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


def _headers(paths: Sequence[Path], kept: Sequence[Chunk]) -> Headers:
    return [
        (paths[row], header)
        for chunk in kept
        for row, header in zip(chunk.rows, chunk.headers, strict=True)
    ]


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
