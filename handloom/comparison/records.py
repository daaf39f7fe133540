"""What a comparison of encoders measures, and what it says in the end."""

from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from handloom.data.images.dataset import Broken

Shares: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
"""float64 (Q,), a value in [0, 1] for each query."""
Groups: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
"""int64 (N,): which images belong together; -1 for an image that belongs to none."""


class Collection(NamedTuple):
    """The images that every encoder is measured on.

    paths, digests, names, labels: of each of the N images, contents once; a label is None where it
    is unknown. of: images of the whole collection. copies: files left out for having the content of
    another. broken: what cannot be read.
    """

    paths: list[Path]
    digests: list[str]
    names: list[str]
    labels: list[str | None]
    of: int
    copies: int
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


class Neighbours(NamedTuple):
    """The nearest images of the queries that are shown: rows (S, k), and which are right."""

    rows: "np.ndarray[Any, np.dtype[np.int64]]"
    is_right: "np.ndarray[Any, np.dtype[np.bool_]]"


class Measured(NamedTuple):
    """One encoder.

    scores: a value for each query, by the name of the measure, the one that decides first.
    seconds: to decode and encode 1,000 images.
    width: numbers of a vector. minutes: of training, where it was trained here or is a run.
    flattered: why its scores are not to be compared with those of others, None where they are.
    """

    name: str
    scores: dict[str, Shares]
    neighbours: Neighbours
    seconds: float
    width: int
    minutes: float | None = None
    flattered: str | None = None

    @property
    def bytes(self) -> int:
        """Of a vector: 4 for each number."""
        return 4 * self.width

    def record(self) -> dict[str, Any]:
        """For JSON; what is not known is left out."""
        minutes = {} if self.minutes is None else {"training_minutes": round(self.minutes, 2)}
        flattered = {} if self.flattered is None else {"flattered": self.flattered}
        return {
            "encoder": self.name,
            **{name: round(float(score.mean()), 6) for name, score in self.scores.items()},
            "seconds_per_thousand": round(self.seconds, 3),
            "bytes_per_vector": self.bytes,
            **minutes,
            **flattered,
        }


class Task(NamedTuple):
    """What a query is, and when an answer is right.

    is_labelled: right is an image of the query's label; otherwise the query is a distorted view of
    an image, and right is that image alone. reason: why labels do not serve. k: results looked at.
    deciding: the measure that encoders are compared by. chance: what it is where neighbours come in
    any order. queries: rows of the queries. shown: those to show.
    """

    is_labelled: bool
    reason: str
    k: int
    deciding: str
    chance: float
    queries: Groups
    shown: list[int]


class Verdict(NamedTuple):
    """What follows from the numbers. encoder: the one to use, None where none can be recommended.
    sentences: why. differences: (name, mean, low, high) of the best minus each other, in shares."""

    encoder: str | None
    sentences: tuple[str, ...]
    differences: tuple[tuple[str, float, float, float], ...]


class EncoderComparison(NamedTuple):
    """Everything that was measured.

    data: as it was named. absent: (encoder, reason) of those that could not be measured. is_whole:
    False where it was interrupted. place: the folder of the report. command: what makes it again.
    weights: files that were given for encoders.
    """

    data: str
    collection: Collection
    task: Task
    measured: tuple[Measured, ...]
    absent: tuple[tuple[str, str], ...]
    verdict: Verdict
    is_whole: bool
    place: Path
    command: tuple[str, ...]
    weights: dict[str, str]

    @property
    def report(self) -> Path:
        """The page."""
        return self.place / "report.html"

    def records(self) -> list[dict[str, Any]]:
        """For JSON: an object for each encoder, and one for the whole."""
        images = {"images": len(self.collection.paths), "of": self.collection.of}
        broken = [{"path": path, "error": reason} for path, reason in self.collection.broken]
        return [
            *(each.record() for each in self.measured),
            {
                "recommended": self.verdict.encoder,
                "because": list(self.verdict.sentences),
                "measured_by": "labels" if self.task.is_labelled else "distorted views",
                **images,
                "not_measured": [{"encoder": name, "reason": why} for name, why in self.absent],
                "broken": broken,
                "interrupted": not self.is_whole,
                "report": str(self.report),
            },
        ]
