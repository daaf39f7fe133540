"""What config.json and evaluation.json of a filter say, in addition to those of every job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from handloom.runs.records import Evaluated, RunConfig


class FilterSizes(TypedDict):
    """What the constructor of `models.image.linear_filter.LinearFilter` takes: channels that come
    in and go out, height and width of the kernel."""

    inputs: int
    outputs: int
    height: int
    width: int
    bias: bool


class PairSizes(TypedDict):
    """[H, W] of both images."""

    before: Sequence[int]
    after: Sequence[int]


class Record(RunConfig):
    """config.json of a filter. pixels: that count."""

    filter: FilterSizes
    sizes: PairSizes
    pixels: int


class Evaluation(Evaluated):
    """evaluation.json of a filter: see `jobs.filter.verbs.evaluate`. kernel: rows, of several
    channels [output][input] of them."""

    pixels: int
    residual: float
    largest: float
    explained: float | None
    least_squares: float
    with_constant: float
    undetermined: int
    kernel: list[Any]
    bias: list[float] | None
