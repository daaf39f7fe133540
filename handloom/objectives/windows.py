"""Tiles of an image with a margin around them, aligned so that feature maps fit together."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from torch import Tensor

ALIGNED = 16  # pixels: the stride of the deepest layer, so that every map is cut at whole positions


@dataclass(frozen=True)
class Window:
    """Rows top..bottom and columns left..right of an image, and `outer_*`, those with margin.

    height, width: of the whole image. A last window reaches its end, whose remainder a deep
    layer may not see: maps are `height // stride` high.
    """

    top: int
    bottom: int
    left: int
    right: int
    outer_rows: slice
    outer_columns: slice
    height: int
    width: int

    def rows(self, stride: int) -> slice:
        """Its own rows in a map of the whole image."""
        return slice(self.top // stride, min(self.bottom, self.height) // stride)

    def columns(self, stride: int) -> slice:
        """Its own columns in a map of the whole image."""
        return slice(self.left // stride, self.right // stride)

    def inner(self, maps: Tensor, stride: int) -> Tensor:
        """Maps of the outer window (1, C, h, w) without those of the margin."""
        rows, columns = self.rows(stride), self.columns(stride)
        up, across = self.outer_rows.start // stride, self.outer_columns.start // stride
        return maps[
            :, :, rows.start - up : rows.stop - up, columns.start - across : columns.stop - across
        ]

    def alone(self) -> "Window":
        """The same window where the outer one is all there is of the image."""
        up, across = self.outer_rows.start, self.outer_columns.start
        return replace(
            self,
            top=self.top - up,
            bottom=self.bottom - up,
            left=self.left - across,
            right=self.right - across,
            outer_rows=slice(0, self.outer_rows.stop - up),
            outer_columns=slice(0, self.outer_columns.stop - across),
            height=self.outer_rows.stop - up,
            width=self.outer_columns.stop - across,
        )


def windows(height: int, width: int, tile: int | None, margin: int) -> Iterator[Window]:
    """Windows that cover an image once, row by row; one of all of it where tile is None.

    tile: side in pixels with the margin, rounded down to a multiple of 16; margin rounded up.
    """
    if tile is None:
        yield Window(0, height, 0, width, slice(0, height), slice(0, width), height, width)
        return
    margin = -(-margin // ALIGNED) * ALIGNED
    step = tile // ALIGNED * ALIGNED - 2 * margin
    if step < ALIGNED:
        raise ValueError(f"a tile of {tile} pixels has no inside with a margin of {margin}")
    for top, bottom in _spans(height, step):
        for left, right in _spans(width, step):
            rows = slice(max(0, top - margin), min(height, bottom + margin))
            columns = slice(max(0, left - margin), min(width, right + margin))
            yield Window(top, bottom, left, right, rows, columns, height, width)


def _spans(length: int, step: int) -> Iterator[tuple[int, int]]:
    """Even pieces of at most `step`, cut at multiples of 16; the last takes the remainder."""
    pieces = max(1, -(-length // step))
    even = -(-length // pieces // ALIGNED) * ALIGNED
    edges = [min(i * even, length) for i in range(pieces)] + [length]
    if edges[-1] - edges[-2] < 2 * ALIGNED and pieces > 1:
        del edges[-2]  # too thin a piece to be read at the deepest layer
    yield from ((a, b) for a, b in pairwise(edges) if b > a)
