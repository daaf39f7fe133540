"""How all images of a set are treated, as their headers decide where nobody has said."""

import statistics
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from handloom.data.images.chunks import CHUNK
from handloom.data.images.decode import GREY, Header, Treatment, Undecodable, deep_values, probe
from handloom.data.images.deep import levels_of, spread
from handloom.data.images.fit import choose_fit
from handloom.data.images.reading import Shape
from handloom.data.io.parallel import in_chunks

DEFAULT_SIZE = 64
MOST_PROBED = 500  # files whose headers are read before the others are decoded
MOST_DEEP = 500  # images of more than 8 bits that decide on the levels of a set
Headers = list[tuple[Path, Header]]  # of the files that have one


def sampled(paths: Sequence[Path], shape: Shape) -> Headers:
    """The headers of some files, of all where some have more than 8 bits; none if all is given."""
    if shape.is_like_run and None not in (shape.size, shape.channels, shape.fit):
        return []
    some = _probed(paths[:: max(1, -(-len(paths) // MOST_PROBED))])
    return _probed(paths) if any(header.is_deep for _, header in some) else some


def treatment_of(known: Headers, shape: Shape) -> Treatment:
    """What the headers of images decide, where `shape` leaves it open."""
    headers = [header for _, header in known]
    height, width = shape.size or _default_size(headers)
    levels = shape.levels
    if levels is None and not shape.is_like_run:
        levels = _levels([path for path, header in known if header.is_deep])
    is_grey = all(header.mode in GREY for header in headers)
    sides = [(header.width, header.height) for header in headers]
    return Treatment(
        height,
        width,
        shape.channels or (1 if is_grey else 3),
        shape.fit or choose_fit(sides),
        shape.background,
        levels,
        shape.crop,
        shape.interpolation,
    )


def _levels(deep: Sequence[Path]) -> tuple[float, float] | None:
    spreads = []
    for path in deep[:: max(1, -(-len(deep) // MOST_DEEP))]:
        try:
            spreads.append(spread(deep_values(path)))
        except Undecodable:
            continue  # decoding will say so again, with the reason
    return levels_of(spreads) if spreads else None


def _probed(paths: Sequence[Path]) -> Headers:
    return [known for part in in_chunks(_probe, paths, CHUNK) for known in part]


def _probe(_: int, paths: Sequence[Path]) -> Headers:
    headers: Headers = []
    for path in paths:
        with suppress(Undecodable):  # decoding will say so again, with the reason
            headers.append((path, probe(path)))
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
