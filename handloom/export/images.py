"""Images named by an exported classifier; imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import groupby
from typing import Any, NamedTuple

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
from handloom.jobs.images.data import ImagePredictOptions, reading_like
from handloom.jobs.results import Prediction, Predictions

AT_ONCE = 32  # images
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


class SomeImages(NamedTuple):
    """Some images uint8 (n, H, W, C), and what is known of each."""

    image: Pixels
    names: Sequence[str]
    labels: Sequence[str | None]
    splits: Sequence[str | None]
    given: Sequence[Mapping[str, str]]


@dataclass
class Unread:
    """What could not be read, and sentences to show, collected while images are."""

    broken: list[Broken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def predict_images(
    model: OnnxModel, inputs: Sequence[str], options: ImagePredictOptions
) -> Predictions:
    """As `jobs.classifier.verbs.predict`; the images are decoded as for training."""
    preprocessing, classes = model.known["preprocessing"], model.known["classes"]
    reading = reading_like(model.known["reading"], options)
    unread, records, means = Unread(), list[Prediction](), list[float]()
    for batch in _batches(inputs, preprocessing, reading, unread):
        (probabilities,) = model({"pixels": batch.image})
        means += (batch.image.mean((1, 2, 3)) / 255).tolist()
        records += [
            prediction(name, classes, values, label, split, given)
            for name, values, label, split, given in zip(
                batch.names,
                probabilities.tolist(),
                batch.labels,
                batch.splits,
                batch.given,
                strict=True,
            )
        ]
    if options.strict and unread.broken:
        path, reason = unread.broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): repair it, or leave out --strict")
    if not any(record.get("actual") in classes for record in records):
        for record in records:  # labels of other classes say nothing about the predictions
            record.pop("actual", None)
    records += [{"input": path, "error": reason} for path, reason in unread.broken]
    warning = warning_of(means, preprocessing)
    notes = dict.fromkeys([*unread.notes, *([] if warning is None else [warning])])
    return answered(Predictions(records, notes), options, model.known["temperature"])


def _batches(
    inputs: Sequence[str], preprocessing: Preprocessing, reading: Reading, unread: Unread
) -> Iterator[SomeImages]:
    """All images that are named, in order: files, folders, tables, and sets of arrays."""
    paths = [path for entry in inputs for path in expanded(entry)]
    for is_file, group in groupby(paths, is_single):
        if is_file:
            yield from _decoded(single_files(list(group), _silent, False), preprocessing, unread)
            continue
        for given in group:
            path = place_of(given).path
            if path is None or array_folder(path) is not None:
                yield from _arrays(str(given), preprocessing, reading, unread)
            else:
                files = files_below(given, path, reading, _silent, False)
                yield from _decoded(files, preprocessing, unread)


def _decoded(
    files: InputFiles, preprocessing: Preprocessing, unread: Unread
) -> Iterator[SomeImages]:
    """The images of files, decoded in threads while others are predicted."""
    unread.broken += files.broken
    unread.notes += files.notes
    for portion in whole_batches(files.paths, Treatment.of(preprocessing), AT_ONCE):
        unread.broken += [Broken(files.names[row], reason) for row, reason in portion.broken]
        for start in range(0, len(portion.rows), AT_ONCE):
            rows = portion.rows[start : start + AT_ONCE]
            yield SomeImages(
                portion.images[start : start + AT_ONCE],
                [files.names[row] for row in rows],
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
        image = loaded.image[rows].numpy()
        known = (loaded.names[rows], loaded.labels[rows], loaded.splits[rows], loaded.given[rows])
        yield SomeImages(image, *known)


def _silent(what: str, done: int, total: int) -> None:
    pass
