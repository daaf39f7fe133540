"""What all jobs on images share: the options for reading them, and which images a verb takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from handloom.config import SEED, option
from handloom.errors import UserError
from handloom.jobs.answers import AnswerOptions
from handloom.jobs.options import SPLIT_SEED, UNCLEAR_LABELS, split_seed
from handloom.jobs.places import check_own, is_place_of, options_of
from handloom.jobs.results import NothingHeldOut

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import Broken, DataSet, Images
    from handloom.data.images.inputs import Inputs
    from handloom.data.images.reading import Reading
    from handloom.data.io.progress import ReportProgress
    from handloom.division.splits import Uncorrected
    from handloom.jobs.loading import Loaded


CHANGED = "the data have changed since the training, so they cannot be divided as they were then"
EVALUATED_TOO = "images that were trained on are evaluated too, which flatters the figures"


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
    unclear_labels: Literal["class", "drop"] | None = option(None, UNCLEAR_LABELS)
    strict: bool = option(False, "stop at a broken image instead of leaving it out")


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


class EvaluationData(NamedTuple):
    """The images that an evaluation looks at.

    Of other data than the run's own, images that it was trained on are left out, where it knows.

    split: test, valid or all. train: the training images, where the run's own data are evaluated.
    unlabelled: images that were left out for lack of a label. trained_on: images that were left
    out since the run was trained on them. notes: sentences to show. repeated:
    bool (N,), which images are near-duplicates of training images; None where that is not known.
    uncorrected: the same split before corrections; None where there were none.
    """

    data: str
    split: str
    images: Images
    train: Images | None
    notes: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()
    unlabelled: int = 0
    repeated: Tensor | None = None
    uncorrected: Uncorrected[Images] | None = None
    trained_on: int = 0

    def record(self) -> dict[str, Any]:
        """What an evaluation says of its data, for JSON; empty where there is nothing to say.

        "own_data" is True for the run's own, wherever they lie now and whatever they are called.
        """
        record: dict[str, Any] = {} if self.train is None else {"own_data": True}
        if self.broken:
            record["broken"] = [entry._asdict() for entry in self.broken]
        if self.unlabelled:
            record["unlabelled"] = self.unlabelled
        if self.trained_on:
            record["trained_on"] = self.trained_on
        if self.notes:
            record["notes"] = list(self.notes)
        return record


def reading_of(options: Mapping[str, Any]) -> Reading:
    """The options that folders and tables are read by, from those of a run or of a verb."""
    from handloom.data.images.reading import Reading

    known = {field.name for field in fields(Reading)} & set(options)
    reading = Reading(**{name: options[name] for name in known})
    return replace(reading, root=Path(reading.root)) if reading.root is not None else reading


def load_images(
    config: Any,
    data: str,
    report: ReportProgress,
    validation: float | None,
    labelled: bool = True,
    preprocessing: Mapping[str, Any] | None = None,
) -> DataSet:
    """The images to train on, by a config that has ImageDataOptions, `size` and `seed`.

    preprocessing: an encoder's, by which they are brought to it.
    """
    from handloom.data.images.load import load

    return load(
        data,
        reading_of(vars(config)),
        size=config.size,
        validation=validation,
        seed=split_seed(config),
        strict=config.strict,
        labelled=labelled,
        report=report,
        preprocessing=preprocessing,
    )


def own_data(run: Loaded, place: str | None = None) -> DataSet:
    """The data a run was trained on, as they were then, divided as they were.

    They are read from `place`, or from where they lie now. Raises UserError where they are absent
    or have changed.
    """
    place = place or run.data
    return run.once(("own data", place), lambda: _own_data(run, place))


def _own_data(run: Loaded, place: str) -> DataSet:
    known = {field.name for field in fields(run.job.config)}  # config.json may hold others
    options = {
        name: value
        for name, value in options_of(run.directory, run.config).items()
        if name in known
    }
    whole = vars(run.job.config(**options))
    idle = run.job.unused(whole) if run.job.unused is not None else ()
    config = run.job.config(**{name: options[name] for name in options if name not in idle})
    data: DataSet = run.job.load(config, place, lambda *_: None)
    check_own(run.directory, run.config, data.fingerprint, place)
    return data


def evaluation_data(
    run: Loaded,
    data: str | None,
    options: ImageReadingOptions | None = None,
    labelled: bool = True,
    unseen: bool = True,
) -> EvaluationData:
    """The images to evaluate on: the test split, else the validation split, else all.

    data: None for the run's own data. Where other data are the run's own, wherever they lie, they
    are divided as they were in training. unseen: of others, without those it was trained on.
    Raises UserError where there are none, NothingHeldOut where it was trained on all of them, and
    NoLabels where `labelled` and there are no labels.
    """
    if data is None:
        return _held_out(run, run.config["data"], own_data(run))
    from handloom.data.images.load import load_for_run

    given = options or ImageReadingOptions()
    loaded = load_for_run(
        data, run.config["preprocessing"], reading_like(run.config["options"], given),
        strict=given.strict,
        labelled=labelled,
    )  # fmt: skip
    if loaded.fingerprint == run.config["fingerprint"]:
        return _held_out(run, data, own_data(run, data))
    return _of_others(run, data, loaded, unseen)


def _of_others(run: Loaded, data: str, loaded: DataSet, unseen: bool) -> EvaluationData:
    from handloom.data.images.brightness import brightness_warning
    from handloom.jobs.image_contents import learned_among, without

    split = loaded.held_out
    images = loaded.splits[split] if split is not None else loaded.train
    warning = brightness_warning(images.image, run.config["preprocessing"])
    digests = [loaded.digests.get(name) for name in images.names]
    learned = learned_among(run, images.image, digests) if unseen else None
    changed = _changed(run, data, learned is not None)
    images, trained_on = without(images, learned, data)
    left_out = loaded.interpretation.left_out if loaded.interpretation is not None else ()
    return EvaluationData(
        data, split or "all", images, None,
        (*loaded.notes, *filter(None, [changed, warning])), loaded.broken,
        sum(part.images for part in left_out if part.is_unlabelled),
        trained_on=trained_on,
    )  # fmt: skip


def _changed(run: Loaded, place: str, is_known: bool) -> str | None:
    """A sentence where the run's own data have changed. is_known: which images it has learned."""
    if not is_place_of(run.config, place):
        return None
    return CHANGED if is_known else f"{CHANGED}: {EVALUATED_TOO}"


def _held_out(run: Loaded, place: str, data: DataSet) -> EvaluationData:
    split = data.held_out
    if split is None:
        raise NothingHeldOut(f"{place} has no test or validation split: name other data")
    images = data.splits[split]
    return EvaluationData(
        place, split, images, data.train, (), data.broken, repeated=_repeated(data, images),
        uncorrected=data.uncorrected.get(split),
    )  # fmt: skip


def _repeated(data: DataSet, images: Images) -> Tensor:
    import torch

    train = set(data.train.names) if data.duplicates else set()
    copies = {name for names in data.duplicates if train.intersection(names) for name in names}
    return torch.tensor([name in copies for name in images.names])


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
    run: Loaded, inputs: Iterable[str | Path], options: ImageReadingOptions | None = None
) -> Inputs:
    """All images that are named, as the run sees them; what cannot be read is in `broken`.

    A note says so where they are much brighter or darker than the training images. Raises UserError
    for what does not exist, and under `strict` for a broken image.
    """
    from handloom.data.images.brightness import brightness_warning
    from handloom.data.images.inputs import load_inputs

    given = options or ImageReadingOptions()
    loaded = load_inputs(inputs, run.config["preprocessing"],
                         reading_like(run.config["options"], given))  # fmt: skip
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
