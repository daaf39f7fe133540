"""Images of a run's data that are still what they were, though other files have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from handloom import waiting
from handloom.jobs.images.contents import contents
from handloom.jobs.images.data import ImageReadingOptions, own_data, reading_like, where_labelled
from handloom.jobs.training.places import Changed

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import DataSet
    from handloom.jobs.images.records import ImageRecord
    from handloom.jobs.loading import Loaded


def remaining(run: Loaded[ImageRecord], wanted: Mapping[str, str]) -> dict[str, Tensor]:
    """Images uint8 (H, W, C), as the run sees them, by the names that they had in its training.

    wanted: names, and what each is known by (`contents`). Where the data have changed since, those
    are given that are still there with this content, whatever they are called now. Raises UserError
    where the data are absent.
    """
    try:
        data = own_data(run)
    except Changed:
        data = run.once("data as they are now", lambda: _as_they_are(run))
        known = set(wanted.values())
        left = {
            content: images.image[row]
            for images in data.splits.values()
            for row, content in enumerate(contents(images, data.digests)) if content in known
        }  # fmt: skip
        return {name: left[content] for name, content in wanted.items() if content in left}
    return {
        name: images.image[row]
        for images in data.splits.values()
        for row, name in enumerate(images.names) if name in wanted
    }  # fmt: skip


def _as_they_are(run: Loaded[ImageRecord]) -> DataSet:
    from handloom.data.images.load import load_for_run

    reading = reading_like(run.recorded, ImageReadingOptions())
    with waiting.doing("reading the images"):
        return where_labelled(
            None,
            lambda labelled: load_for_run(
                run.data, run.config["preprocessing"], reading, labelled=labelled,
                report=waiting.report,
            ),
        )  # fmt: skip
