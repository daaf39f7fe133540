"""Images named by a classifier in a file; imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from handloom.data.images.brightness import warning_of
from handloom.data.images.chunks import whole_batches
from handloom.data.images.dataset import Broken
from handloom.data.images.decode import Treatment
from handloom.data.images.listing.input_files import InputFiles, files_below, single_files
from handloom.data.images.listing.paths import array_folder, expanded, is_single
from handloom.data.images.named.sets import place_of
from handloom.data.images.reading import Preprocessing, Reading
from handloom.errors import UserError
from handloom.export.runtime import OnnxModel
from handloom.jobs.classification.answers import answered, prediction
from handloom.jobs.images.contents import content_of
from handloom.jobs.images.data import ImagePredictOptions, reading_like
from handloom.jobs.results import Prediction, Predictions, tell_split

if TYPE_CHECKING:
    from handloom.runs.learned import Learned

AT_ONCE = 32  # images
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


class SomeImages(NamedTuple):
    """Some images uint8 (n, H, W, C), and what is known of each. digests: of the contents of their
    files, None of others and of arrays."""

    image: Pixels
    names: Sequence[str]
    digests: Sequence[str | None]
    labels: Sequence[str | None]
    splits: Sequence[str | None]
    given: Sequence[Mapping[str, str]]


@dataclass
class Unread:
    """What could not be read, and sentences to show, collected while images are."""

    broken: list[Broken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def are_few(
    model: OnnxModel, inputs: Sequence[str], options: ImagePredictOptions, most: int
) -> bool:
    """Whether the inputs are files, in folders and tables too, and at most so many."""
    count = 0
    for listed in _listed(inputs, reading_like(model.known["reading"], options), False):
        if isinstance(listed, str):
            return False
        count += len(listed.paths)
        if count > most:
            return False
    return True


def predict_images(
    model: OnnxModel,
    inputs: Sequence[str],
    options: ImagePredictOptions,
    learned: Learned | None = None,
) -> Predictions:
    """As `jobs.classifier.verbs.predict`; the images are decoded as for training.

    learned: what the run was trained on, where that is known.
    """
    preprocessing, classes = model.known["preprocessing"], model.known["classes"]
    reading = reading_like(model.known["reading"], options)
    unread, records, means = Unread(), list[Prediction](), list[float]()
    splits = list[str | None]()
    for batch in _batches(inputs, preprocessing, reading, unread, learned is not None):
        (probabilities,) = model({"pixels": batch.image})
        means += (batch.image.mean((1, 2, 3)) / 255).tolist()
        if learned is not None:
            known = map(content_of, batch.image, batch.digests)
            splits += map(learned.split_of, known)
        records += _records(batch, classes, probabilities.tolist())
    if options.strict and unread.broken:
        path, reason = unread.broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): repair it, or leave out --strict")
    _tell_labels(records, classes, splits)
    records += [{"input": path, "error": reason} for path, reason in unread.broken]
    warning = warning_of(means, preprocessing)
    notes = dict.fromkeys([*unread.notes, *([] if warning is None else [warning])])
    return answered(Predictions(records, notes), options, model.known["temperature"])


def _records(
    batch: SomeImages, classes: Sequence[str], probabilities: Sequence[Sequence[float]]
) -> list[Prediction]:
    columns = (batch.names, probabilities, batch.labels, batch.splits, batch.given)
    return [
        prediction(name, classes, values, label, split, given)
        for name, values, label, split, given in zip(*columns, strict=True)
    ]


def _tell_labels(
    records: list[Prediction], classes: Sequence[str], splits: Sequence[str | None]
) -> None:
    """Marks what was in the run's training; labels of other classes say nothing about the
    predictions, and are left out."""
    if any(record.get("actual") in classes for record in records):
        for row, split in enumerate(splits):
            tell_split(records[row], split)
    else:
        for record in records:
            record.pop("actual", None)


def _batches(
    inputs: Sequence[str],
    preprocessing: Preprocessing,
    reading: Reading,
    unread: Unread,
    is_digested: bool,
) -> Iterator[SomeImages]:
    """All images that are named, in order."""
    for listed in _listed(inputs, reading, is_digested):
        if isinstance(listed, str):
            yield from _arrays(listed, preprocessing, reading, unread)
        else:
            yield from _decoded(listed, preprocessing, unread)


def _listed(
    inputs: Sequence[str], reading: Reading, is_digested: bool
) -> Iterator[InputFiles | str]:
    """What is named, in order: files, folders and tables, and the names of sets of arrays.

    is_digested: the digests of files in folders and tables are wanted.
    """
    paths = [path for entry in inputs for path in expanded(entry)]
    for is_file, group in groupby(paths, is_single):
        if is_file:
            yield single_files(list(group), _silent, False)
            continue
        for given in group:
            path = place_of(given).path
            if path is None or array_folder(path) is not None:
                yield str(given)
            else:
                yield files_below(given, path, reading, _silent, is_digested)


def _decoded(
    files: InputFiles, preprocessing: Preprocessing, unread: Unread
) -> Iterator[SomeImages]:
    """The images of files, decoded in threads while others are predicted."""
    unread.broken += files.broken
    unread.notes += files.notes
    digests: Sequence[str | None] = files.digests or [None] * len(files.paths)
    for portion in whole_batches(files.paths, Treatment.of(preprocessing), AT_ONCE):
        unread.broken += [Broken(files.names[row], reason) for row, reason in portion.broken]
        for start in range(0, len(portion.rows), AT_ONCE):
            rows = portion.rows[start : start + AT_ONCE]
            yield SomeImages(
                portion.images[start : start + AT_ONCE],
                [files.names[row] for row in rows],
                [digests[row] for row in rows],
                [files.labels[row] for row in rows],
                [files.splits[row] for row in rows],
                [files.given[row] for row in rows],
            )


def _arrays(
    given: str, preprocessing: Preprocessing, reading: Reading, unread: Unread
) -> Iterator[SomeImages]:
    """A built-in set or a folder of IDX files, which torch reads."""
    if find_spec("torch") is None:
        raise UserError(
            f"'{given}' is a set of arrays, which torch reads, and this environment lacks it: give "
            "image files, or pip install torch"
        )
    from handloom.data.images.inputs import load_inputs

    loaded = load_inputs([given], preprocessing, reading)
    unread.notes += loaded.notes
    for start in range(0, len(loaded), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        yield SomeImages(
            loaded.image[rows].numpy(),
            loaded.names[rows],
            loaded.digests[rows],
            loaded.labels[rows],
            loaded.splits[rows],
            loaded.given[rows],
        )


def _silent(what: str, done: int, total: int) -> None:
    pass
