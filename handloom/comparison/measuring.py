"""One encoder measured on a collection: its speed, its vectors, the scores of its neighbours."""

from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from handloom.comparison.collection import FEWEST
from handloom.comparison.quality import by_labels, by_views, groups_of
from handloom.comparison.records import Collection, Groups, Measured, Task
from handloom.comparison.views import write_views
from handloom.data.images.dataset import Broken
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError
from handloom.search.records import Vectors
from handloom.search.vectors import normalized

if TYPE_CHECKING:
    from handloom.comparison.candidates import Candidate
    from handloom.encoders import Encoder

TIMED = 64  # images that are encoded to know how fast an encoder is


class Bench:
    """What every encoder is measured on: images, and distorted views where there are no labels.

    folder: for the views.
    """

    def __init__(self, collection: Collection, task: Task, folder: Path) -> None:
        self.collection, self.task = collection, task
        self.groups = groups_of(collection.labels)
        self.own: Groups = task.queries
        self.views: list[Path] = []
        if not task.is_labelled:
            queries = task.queries.tolist()
            rows, self.views = write_views(collection.paths, collection.digests, queries, folder)
            self.own = np.array(rows, np.int64)

    @property
    def images(self) -> int:
        """That an encoder has to encode."""
        return len(self.collection.paths) + len(self.views)

    def measure(self, candidate: "Candidate", speed: float, report: ReportProgress) -> Measured:
        """speed: seconds for 1,000 images, as `seconds_per_thousand` gives them."""
        report = _named(report, candidate.name)
        vectors = self._vectors(candidate, report)
        k = self.task.k
        if self.task.is_labelled:
            scores, neighbours = by_labels(vectors, self.groups, k, self.task.shown)
        else:
            views = self._encoded_views(candidate.encoder, report)
            shown = np.searchsorted(self.own, self.task.shown).tolist()
            scores, neighbours = by_views(vectors, views, self.own, k, shown)
        return Measured(
            candidate.name, scores, neighbours, speed, vectors.shape[1], candidate.minutes,
            candidate.flattered,
        )  # fmt: skip

    def _vectors(self, candidate: "Candidate", report: ReportProgress) -> Vectors:
        """Of the images, from the cache where the encoder has seen them before."""
        from handloom.encoders.features import of_files

        collection = self.collection
        encoded = of_files(collection.paths, collection.digests, candidate.encoder, report)
        if encoded.broken:
            row, reason = encoded.broken[0]
            raise UserError(
                f"'{collection.names[row]}' can no longer be read ({reason}): leave the images "
                "alone while they are compared"
            )
        return normalized(encoded.feature.numpy())

    def _encoded_views(self, encoder: "Encoder", report: ReportProgress) -> Vectors:
        from handloom.encoders.bulk import encode_files

        return normalized(encode_files(self.views, encoder, report).feature.numpy())


def readable(collection: Collection, encoder: "Encoder", report: ReportProgress) -> Collection:
    """The collection without the images that cannot be decoded. Raises UserError for too few."""
    from handloom.encoders.features import of_files

    encoded = of_files(collection.paths, collection.digests, encoder, report)
    broken = [Broken(collection.names[row], reason) for row, reason in encoded.broken]
    if broken and len(encoded.rows) < FEWEST:
        path, reason = broken[0]
        raise UserError(
            f"only {len(encoded.rows)} of {len(collection.paths)} images can be read ('{path}': "
            f"{reason}): {FEWEST} or more are needed to compare encoders"
        )
    return collection._replace(
        paths=[collection.paths[row] for row in encoded.rows],
        digests=[collection.digests[row] for row in encoded.rows],
        names=[collection.names[row] for row in encoded.rows],
        labels=[collection.labels[row] for row in encoded.rows],
        broken=(*collection.broken, *broken),
    )


def seconds_per_thousand(encoder: "Encoder", collection: Collection) -> float:
    """Seconds to decode and encode 1,000 images, by the first of them, after a batch to warm up."""
    from handloom.encoders.bulk import encode_files

    paths = cycle(collection.paths)
    encode_files(list(islice(paths, encoder.batch)), encoder)
    count = max(TIMED, 2 * encoder.batch)
    timed = list(islice(cycle(collection.paths), count))
    began = perf_counter()
    encode_files(timed, encoder)
    return 1000 * (perf_counter() - began) / count


def _named(report: ReportProgress, name: str) -> ReportProgress:
    return lambda what, done, total: report(f"{name}: {what}", done, total)
