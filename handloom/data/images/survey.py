"""A first look at a set of images, before any of it is decoded."""

import statistics
from pathlib import Path
from typing import NamedTuple

from handloom.data.images.decode import GREY, Undecodable, probe, quiet
from handloom.data.images.listing.paths import array_folder, check_exists, list_path
from handloom.data.images.named.sets import is_array_set, place_of
from handloom.data.images.reading import Reading

SAMPLED = 64  # headers read


class Survey(NamedTuple):
    """What images are like. side: median of their shorter sides, pixels; 0 for arrays, which are
    small. is_grey: most are. images: how many, 0 where it is not known."""

    side: float
    is_grey: bool
    images: int


def survey(data: str | Path, reading: Reading, labelled: bool = True) -> Survey:
    """A look at the headers of some files; UserError for what is not a set of images.

    labelled: they must have labels.
    """
    place = place_of(data)
    if place.name is not None and is_array_set(place.name):
        return Survey(0, False, 0)
    if place.path is None:
        return Survey(0, False, 0)  # downloaded when it is read
    check_exists(place.path)
    if array_folder(place.path) is not None:
        return Survey(0, False, 0)
    from handloom.division.sample import sample_rows

    paths = list_path(place.path, reading, labelled).paths
    headers = []
    with quiet():
        for row in sample_rows(len(paths), SAMPLED).tolist():
            try:
                headers.append(probe(paths[row]))
            except Undecodable:
                continue
    if not headers:
        return Survey(0, False, len(paths))
    side = statistics.median(min(header.width, header.height) for header in headers)
    grey = sum(header.mode in GREY for header in headers)
    return Survey(side, 2 * grey > len(headers), len(paths))
