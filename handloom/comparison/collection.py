"""The images that encoders are compared on, and what a query is among them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handloom.comparison.quality import (
    chance,
    groups_of,
    names_by_labels,
    names_by_views,
    queries_of,
)
from handloom.comparison.records import Collection, Task
from handloom.data.images.listing.input_files import files_below
from handloom.data.images.reading import Reading
from handloom.data.io.names import absent
from handloom.data.io.progress import ReportProgress
from handloom.data.io.table import is_table
from handloom.errors import UserError
from handloom.wording import pluralize

FEWEST = 10  # images
VIEWS = 500  # of different images, at most
SHOWN = 6  # queries whose neighbours are shown


def collect(data: str, reading: Reading, most: int, report: ReportProgress) -> Collection:
    """The different images of a folder or of a table, at most so many, of every class its share.

    Raises UserError for what does not exist, and for fewer than ten images.
    """
    path = Path(data).expanduser()
    if not path.exists():
        raise absent(data, "give a folder of images, or a table of them")
    if not path.is_dir() and not is_table(path):
        raise UserError(f"'{data}' is a single file: give a folder of images, or a table of them")
    files = files_below(data, path, reading, report)
    first = {content: row for row, content in reversed(list(enumerate(files.digests))) if content}
    unread = [row for row, content in enumerate(files.digests) if not content]
    rows = sorted([*first.values(), *unread])
    if len(first) < FEWEST:
        raise UserError(
            f"'{data}' has {pluralize(len(first), 'image')} of different content: {FEWEST} or more "
            "are needed to compare encoders"
        )
    chosen = _sample(rows, [files.labels[row] for row in rows], most)
    return Collection(
        [files.paths[row] for row in chosen],
        [files.digests[row] for row in chosen],
        [files.names[row] for row in chosen],
        [files.labels[row] for row in chosen],
        len(files.paths),
        len(files.paths) - len(rows),
        files.broken,
        (*files.notes, *_strays(files.labels)),
    )


def _sample(rows: list[int], labels: list[str | None], most: int) -> list[int]:
    """At most so many rows, at random but always the same, of every class its share."""
    import torch

    from handloom.division.sample import sample_rows

    number = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    label = torch.tensor([number[each] for each in labels])
    return [rows[place] for place in sample_rows(len(rows), most, label).tolist()]


def _strays(labels: Sequence[str | None]) -> tuple[str, ...]:
    """A note on images without a label among others that have one."""
    count = sum(label is None for label in labels)
    if count in (0, len(labels)):
        return ()
    return (f"{pluralize(count, 'image')} without a label: among what is found, and never a query",)


def task_of(collection: Collection, k: int) -> Task:
    """Queries by label where labels serve, otherwise distorted views."""
    groups = groups_of(collection.labels)
    reason = _reason(collection.labels)
    if not reason:
        queries = queries_of(groups)
        name = names_by_labels(k)[0]
        return Task(True, "", k, name, chance(groups), queries, _shown(queries.tolist()))
    count = len(collection.paths)
    own = np.arange(min(VIEWS, count)) * count // min(VIEWS, count)
    return Task(False, reason, k, names_by_views(k)[0], 1 / count, own, _shown(own.tolist()))


def _reason(labels: Sequence[str | None]) -> str:
    """Why labels cannot say which answers are right; "" where they can."""
    sizes = Counter(label for label in labels if label is not None)
    if not sizes:
        return "the images have no labels"
    if len(sizes) == 1:
        return f"all labels are '{next(iter(sizes))}'"
    if 2 * sum(sizes.values()) < len(labels):
        return "most images have no label"
    if sum(size > 1 for size in sizes.values()) < 2:
        return "hardly any label is on two images"
    return ""


def _shown(rows: list[int]) -> list[int]:
    """A few of the queries, evenly: chosen before anything is measured."""
    count = min(SHOWN, len(rows))
    return [rows[(2 * i + 1) * len(rows) // (2 * count)] for i in range(count)]
