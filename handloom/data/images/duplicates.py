"""Images that are the same, or nearly: they must not stand on both sides of a split.

Two questions are asked. Which images are *alike*: their signatures correlate to 0.97 and, since
equal silhouettes on white do too, each of the 49 regions of their 32x32 thumbnails agrees to 0.85
(see `agreement`). Frames of one camera are alike. And which are *copies* of one image, saved again,
resized, mirrored or cropped: the same test at 64 pixels, which frames of a camera that moved by a
pixel do not pass, for an image, its mirror image, and the window of it that fits best (see
`alignment`). Of more than eight images that pass as copies, the frames of a fixed camera are set
apart by their noise (see `frames`).

`benchmarks/duplicates.py` says how many of each kind are found. Below 32 pixels nothing of the kind
holds (of 20,000 Fashion-MNIST images 49,000 pairs correlated): only equal images are grouped there.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from handloom.data.images.agreement import LOCAL, agreement
from handloom.data.images.alignment import beyond, seen_in, windows
from handloom.data.images.frames import Link, without_frames
from handloom.data.images.grouping import joined
from handloom.data.images.signatures import (
    close_pairs,
    grey,
    low_frequencies,
    mirrored,
    thumbnails,
)
from handloom.data.io.progress import ReportProgress

COARSE = 0.97  # correlation of signatures
SMALLEST = 32  # pixels
ALIKE, DETAILED = 32, 64  # pixels a side at which images are compared
AT_ONCE = 1024
MOST_PAIRS = 50_000  # nearest pairs looked at closely, about 15 s
# A window is looked for by three starting sizes: up to 6 % of each side may have been cut.
MARGINS = (1 / 64, 3 / 64, 5 / 64)
MOST_CROPPED = 10_000  # images; in larger sets crops are not looked for
MOST_WINDOWS = 1_000  # nearest pairs for each starting size, about 1 s
COARSE_CROP = 0.9
UNCUT = 0.985  # the scale of a window from which on it is another view, not a crop
OVER, OVER_CROP = 0.006, 0.05  # of the side, by which a window may reach over the edge


class Groups(NamedTuple):
    """Groups of images, each int64 (N,), numbered by their first row: copies, and those alike.

    is_limited: more pairs are similar than were looked at closely, so that some may be missing.
    """

    copies: Tensor
    alike: Tensor
    is_limited: bool = False


def same(image: Tensor) -> Tensor:
    """Groups, int64 (N,), of images uint8 (N, H, W, C) that are equal in every byte.

    A group's number is its first row. Compared by a 64-bit sum of bytes with random odd weights:
    any two of 60,000 different images are taken for equal with a chance of 1 in 10,000 million.
    """
    if image.shape[0] == 0:
        return torch.arange(0)
    keys = [_sums(part.flatten(1).numpy()) for part in torch.split(image, AT_ONCE)]
    _, first, number = np.unique(np.concatenate(keys), return_index=True, return_inverse=True)
    return torch.from_numpy(first[number])


def near(image: Tensor, report: ReportProgress, exact: Tensor | None = None) -> Groups:
    """Copies, and images that are alike, among images uint8 (N, H, W, C).

    exact: the groups of `same`, int64 (N,), where they are known.
    Every pair of copies is alike too. Time grows with N * N: 50,000 images take about 5 s of one
    core, 400 no time.
    """
    group = same(image) if exact is None else exact
    rows = torch.unique(group)
    if min(image.shape[1:3]) < SMALLEST or len(rows) < 2:
        return Groups(group, group)
    has_crops = len(rows) <= MOST_CROPPED
    margins = (0.0, *MARGINS) if has_crops else (0.0,)
    rows, low = low_frequencies(image, rows, margins)
    plain = low[0]
    if len(rows) < 2:
        return Groups(group, group)
    pairs = rows[close_pairs(plain, plain, COARSE, MOST_PAIRS, True, report)]
    near_mirrored = close_pairs(mirrored(plain), plain, COARSE, MOST_PAIRS, True, report)
    mirrored_pairs = rows[near_mirrored]
    alike, copies = _agreeing(image, pairs, False, (ALIKE, DETAILED))
    copies += _agreeing(image, mirrored_pairs, True, (DETAILED,))[0]
    if has_crops:
        copies += _cropped(image, rows, low, copies, report)
    copies = without_frames(image, group, copies)
    together = joined(group, copies)
    is_limited = MOST_PAIRS in (len(pairs), len(mirrored_pairs))
    return Groups(together, joined(together, alike), is_limited)


def _sums(
    flat: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]",
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    flat = np.pad(flat, ((0, 0), (0, -flat.shape[1] % 8)))
    words = np.ascontiguousarray(flat).view(np.int64)  # (N, bytes / 8)
    random = np.random.RandomState(0)
    weight = random.randint(-(2**62), 2**62, words.shape[1], dtype=np.int64) * 2 + 1
    sums: np.ndarray[tuple[int], np.dtype[np.int64]] = words @ weight  # wraps around, as it should
    return sums


def _agreeing(
    image: Tensor, pairs: Tensor, is_mirrored: bool, sides: Sequence[int]
) -> list[list[Link]]:
    """Those of the pairs (P, 2), the first mirrored or not, that agree everywhere at so many
    pixels."""
    links: list[list[Link]] = [[] for _ in sides]
    for part in torch.split(pairs, AT_ONCE) if len(pairs) else ():
        left, right = _greys(image, part)
        left = left.flip(3) if is_mirrored else left
        coarse = (thumbnails(left) * thumbnails(right)).sum(dim=1)
        part, left, right = (values[coarse >= COARSE] for values in (part, left, right))
        for kept, side in zip(links, sides, strict=True):
            agreeing = part[agreement(left, right, side) >= LOCAL]
            kept += [Link(i, j, is_mirrored) for i, j in agreeing.tolist()]
    return links


def _greys(image: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor]:
    """Brightness of both images of pairs (P, 2), each float (P, 1, S, S), read once an image."""
    rows, place = torch.unique(pairs, return_inverse=True)
    small = grey(image[rows])
    if min(small.shape[2:]) > DETAILED:
        small = adaptive_avg_pool2d(small, DETAILED)
    return small[place[:, 0]], small[place[:, 1]]


def _cropped(
    image: Tensor, rows: Tensor, low: Tensor, known: list[Link], report: ReportProgress
) -> list[Link]:
    """Pairs of which the second is a part of the first, but for those that are known as copies.

    low: frequencies of the rows (M,), whole and without each margin, float (1 + 3, M, 35).
    """
    seen = {frozenset(link[:2]) for link in known}
    links: list[Link] = []
    for margin, viewed in zip(MARGINS, low[1:], strict=True):
        near_rows = close_pairs(viewed, low[0], COARSE_CROP, MOST_PAIRS, False, report)
        pairs = rows[near_rows].tolist()
        unseen = [pair for pair in pairs if frozenset(pair) not in seen][:MOST_WINDOWS]
        # One start is enough: of 1,000 photos with crops each of the three finds the same 953.
        seen |= {frozenset(pair) for pair in unseen}
        crops = _windowed(image, torch.tensor(unseen), margin) if unseen else ()
        links += [Link(left, right) for left, right in crops]
    return links


def _windowed(image: Tensor, pairs: Tensor, margin: float) -> Iterator[tuple[int, int]]:
    """Those of the pairs (P, 2) of which a window of the first looks like the second."""
    for part in torch.split(pairs, AT_ONCE):
        large, small = _greys(image, part)
        alike, window = windows(large, small, 1 - 2 * margin)
        part, large, small = (values[alike] for values in (part, large, small))
        scale = window[:, :2].amax(dim=1)
        over = torch.where(scale < UNCUT, OVER_CROP, OVER)
        is_inside = (beyond(window) < over) & (scale < 1 + 2 * OVER)
        part, large, small, window = (values[is_inside] for values in (part, large, small, window))
        agrees = agreement(seen_in(large, window), small, DETAILED) >= LOCAL
        yield from part[agrees].tolist()
