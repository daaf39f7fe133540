"""What config.json and evaluation.json of a stylize run say, in addition to those of every job."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from handloom.runs.records import Evaluated, RunConfig

StyleNetwork = Literal["vgg19", "vgg19-small", "random"]


class PlanRecord(TypedDict):
    """See `jobs.stylize.memory.Plan`."""

    tile: int | None
    margin: int
    optimizer: str
    history: int
    needs: int


class SizeRecord(TypedDict):
    """A stage, in pixels, and how many evaluations it takes."""

    height: int
    width: int
    iterations: int
    plan: PlanRecord


class ResultShape(TypedDict):
    """The image that is painted. size: [H, W]; channels: 1 where luminance alone is painted."""

    size: list[int]
    channels: int


class NetworkRecord(TypedDict):
    """What config.json holds of the network.

    weights, digest: of the file they are from; None for random filters. hint: what to do where a
    better network was not available, or empty.
    """

    name: StyleNetwork
    title: str
    weights: str | None
    digest: str | None
    precision: Literal["float32", "bfloat16"]
    pooling: str
    hint: str


class Record(RunConfig):
    """config.json of a style transfer. loss: `jobs.stylize.loss.Weights`."""

    loss: dict[str, Any]
    network: NetworkRecord
    sizes: list[SizeRecord]
    preprocessing: ResultShape


TERMS = ("content", "style", "structure", "smoothness")  # of the loss, where they have a weight


class Evaluation(Evaluated, total=False):
    """evaluation.json of a style transfer: where the image is, features of which network, seconds
    of training, and the losses of the last step."""

    out: str
    network: str
    seconds: float
    content: float
    style: float
    structure: float
    smoothness: float
