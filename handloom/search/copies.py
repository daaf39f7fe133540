"""Copies of an image among results: saved again, resized, mirrored; they fold into one.

Two results are copies where their vectors and their thumbnails, 16x16 and grey, both agree; the
thumbnail of one may be the mirror image of the other's.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from handloom.search.records import Match, Thumbs, Vectors

SIDE = 16  # pixels of a thumbnail
ALIKE = 0.985  # correlation of thumbnails
NEAR = 0.93  # cosine of vectors
AHEAD = 30  # matches


def thumbs(images: "np.ndarray[Any, np.dtype[np.uint8]]") -> Thumbs:
    """Thumbnails (N, 256) of images uint8 (N, H, W, C)."""
    repeats = -(-SIDE // min(images.shape[1:3]))
    if repeats > 1:
        images = images.repeat(repeats, axis=1).repeat(repeats, axis=2)
    total = images[..., 0].astype(np.float32)  # of channels: six times as fast as a mean over them
    for channel in range(1, images.shape[3]):
        total += images[..., channel]
    count: Any = images.shape[3]
    for axis in (1, 2):
        side = total.shape[axis]
        edges = np.arange(SIDE) * side // SIDE
        sizes = np.diff([*edges, side]).reshape([-1 if each == axis else 1 for each in range(3)])
        total, count = np.add.reduceat(total, edges, axis=axis, dtype=np.float32), count * sizes
    grey: Thumbs = (total / count + 0.5).astype(np.uint8)
    return grey.reshape(len(images), SIDE * SIDE)


def folded(matches: Iterable[Match], k: int) -> list[list[Match]]:
    """The first k groups of matches that are copies of each other, the best of a group first.

    Copies are also looked for in the `AHEAD` matches that follow the k groups.
    """
    groups: list[list[Match]] = []
    ahead = AHEAD
    for match in matches:
        group = next((group for group in groups if are_copies(group[0], match)), None)
        if group is not None:
            group.append(match)
        elif len(groups) < k:
            groups.append([match])
        if len(groups) == k:
            ahead -= 1
            if ahead < 0:
                break
    return groups


def are_copies(first: Match, other: Match) -> bool:
    """Whether two matches show the same image."""
    if float(first.vector @ other.vector) < NEAR:
        return False
    left, right = _standard(first.thumb), _standard(other.thumb)
    mirrored = right.reshape(SIDE, SIDE)[:, ::-1].reshape(-1)
    return max(float(left @ right), float(left @ mirrored)) >= ALIKE


def _standard(thumb: Thumbs) -> Vectors:
    values = thumb.astype(np.float32) - thumb.mean(dtype=np.float32)
    length = float(np.linalg.norm(values))
    standard: Vectors = values / length if length else values
    return standard
