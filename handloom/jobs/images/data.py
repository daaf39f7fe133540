"""What all jobs on images share: the options for reading them, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from handloom import waiting
from handloom.config import SEED, option
from handloom.division.splits import Divided
from handloom.errors import UserError
from handloom.jobs.classification.answers import AnswerOptions
from handloom.jobs.options import SPLIT_SEED, UNCLEAR_LABELS, Seeded, split_seed
from handloom.jobs.training.places import check_own, options_of

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet
    from handloom.data.images.inputs import Inputs
    from handloom.data.images.reading import Preprocessing, Reading
    from handloom.data.io.progress import ReportProgress
    from handloom.jobs.images.records import ImageRecord
    from handloom.jobs.loading import Loaded
    from handloom.runs.records import RunConfig


@dataclass(frozen=True, kw_only=True)
class ImageReadingOptions:
    """How folders and tables of images are read, where that is not left to them."""

    splits: str | None = option(
        None, "which folders or cells are which split, as in train=train-8,valid=val; or none"
    )
    root: str | None = option(
        None, "folder that the paths in a table are relative to", is_path=True
    )
    image_column: str | None = option(None, "column of a table that holds the images' paths")
    label_column: str | None = option(None, "column of a table that holds the labels")
    unclear_labels: Literal["class", "drop"] | None = option(
        None, UNCLEAR_LABELS, formerly=("missing",)
    )
    strict: bool = option(False, "stop at a broken image instead of leaving it out")


@dataclass(frozen=True, kw_only=True)
class ImageEvaluateOptions(ImageReadingOptions):
    """Options of `evaluate` for images whose right answers are counted."""

    group: str | None = option(
        None,
        "which images belong together, so that the interval counts them so: a column, or folder "
        "or prefix of files; by default as in training",
    )


@dataclass(frozen=True, kw_only=True)
class ImagePredictOptions(ImageReadingOptions, AnswerOptions):
    """Options of `predict` for images."""


@dataclass(frozen=True, kw_only=True)
class ImageDataOptions(ImageReadingOptions):
    """Options of every training on images."""

    fit: Literal["crop", "pad", "stretch"] | None = option(
        None, "how images become square; by default crop, if they are not about 2:1 or longer"
    )
    background: Literal["white", "grey", "black"] = option(
        "white", "background of transparent images"
    )
    duplicates: Literal["group", "ignore", "drop"] = option(
        "group", "near-duplicates: keep them on one side of the split, ignore them, or drop them"
    )
    split_seed: int | None = option(None, SPLIT_SEED, *SEED)
    group: str | None = option(
        None, "what else stays on one side of the split: a column, or folder or prefix of files"
    )


def reading_of(options: Mapping[str, Any]) -> Reading:
    """The options that folders and tables are read by, from those of a run or of a verb."""
    from handloom.data.images.reading import Reading

    known = {field.name for field in fields(Reading)} & set(options)
    reading = Reading(**{name: options[name] for name in known})
    return replace(reading, root=Path(reading.root)) if reading.root is not None else reading


class ImageConfig(Seeded, Protocol):
    """A config that has ImageDataOptions."""

    @property
    def size(self) -> int | None:
        """Pixels of a side; None where the images decide."""

    @property
    def strict(self) -> bool:
        """Whether broken images are refused."""


def load_images(
    config: ImageConfig,
    data: str,
    report: ReportProgress,
    validation: float | None,
    labelled: bool | None = True,
    preprocessing: Preprocessing | None = None,
) -> DataSet:
    """The images to train on, by a config.

    labelled: whether labels are needed; None takes them where there are some. preprocessing: an
    encoder's, by which the images are brought to it.
    """
    from handloom.data.images.load import load
    from handloom.jobs.classification.corrections import settled_labels
    from handloom.jobs.classification.earlier import earlier_division
    from handloom.jobs.images.contents import sides_by

    settled = settled_labels(vars(config).get("corrections"))
    earlier = earlier_division(config)
    sides = None if earlier is None else sides_by(earlier)
    return where_labelled(
        labelled,
        lambda labelled: load(
            data,
            replace(reading_of(vars(config)), settled=settled),
            size=config.size,
            validation=validation,
            seed=split_seed(config),
            strict=config.strict,
            labelled=labelled,
            report=report,
            preprocessing=preprocessing,
            sides=sides,
        ),
    )


T = TypeVar("T")


def where_labelled(labelled: bool | None, read: Callable[[bool], T]) -> T:
    """What `read(labelled)` gives; for None with labels, or without where there are none."""
    from handloom.data.images.listing.folder import NoLabels

    try:
        return read(labelled is not False)
    except NoLabels:
        if labelled is not None:
            raise
        return read(False)


def own_data(run: Loaded[RunConfig], place: str | None = None) -> DataSet:
    """The data a run was trained on, as they were then, divided as they were.

    They are read from `place`, or from where they lie now. Raises UserError where they are absent
    or have changed.
    """
    place = place or run.data
    return run.once(("own data", place), lambda: _own_data(run, place))


def _own_data(run: Loaded[RunConfig], place: str) -> DataSet:
    options = options_of(run.directory, run.config)
    whole = vars(run.job.config(**options))
    idle = run.job.unused(whole) if run.job.unused is not None else ()
    config = run.job.config(**{name: options[name] for name in options if name not in idle})
    with waiting.doing("reading the data"):
        data: DataSet = run.job.load(config, place, waiting.report)
    count = sum(map(len, data.splits.values())) if isinstance(data, Divided) else None
    check_own(run.directory, run.config, data.fingerprint, place, count)
    return data


def reading_like(trained: Mapping[str, Any], options: ImageReadingOptions) -> Reading:
    """The options of a verb; columns and the meaning of unclear labels are those of the training
    as well, and where that had none, labels are classes as they are written: the run knows its own.

    trained: the options of the training.
    """
    reading = reading_of(vars(options))
    kept: dict[str, Any] = {n: trained.get(n) for n in ("image_column", "label_column")}
    kept["unclear_labels"] = trained.get("unclear_labels") or "class"
    return replace(
        reading, **{name: value for name, value in kept.items() if vars(reading)[name] is None}
    )


def read_inputs(
    run: Loaded[ImageRecord],
    inputs: Iterable[str | Path],
    options: ImageReadingOptions | None = None,
) -> Inputs:
    """All images that are named, as the run sees them; what cannot be read is in `broken`.

    A note says so where they are much brighter or darker than the training images. Raises UserError
    for what does not exist, and under `strict` for a broken image.
    """
    from handloom.data.images.brightness import brightness_warning
    from handloom.data.images.inputs import load_inputs

    given = options or ImageReadingOptions()
    reading = reading_like(run.recorded, given)
    with waiting.doing("reading the images"):
        loaded = load_inputs(inputs, run.config["preprocessing"], reading, waiting.report)
    if given.strict and loaded.broken:
        path, reason = loaded.broken[0]
        raise UserError(f"'{path}' cannot be read ({reason}): repair it, or leave out --strict")
    warning = brightness_warning(loaded.image, run.config["preprocessing"])
    return replace(loaded, notes=(*loaded.notes, *filter(None, [warning])))


def require_readable(inputs: Inputs) -> Inputs:
    """The same; raises UserError, with the first reason, where no image can be read."""
    if not len(inputs) and inputs.broken:
        path, reason = inputs.broken[0]
        raise UserError(f"'{path}' cannot be read as an image: {reason}; repair or remove it")
    return inputs
