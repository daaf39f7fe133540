"""Which images an evaluation looks at: held out of the training, and never trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from handloom import waiting
from handloom.errors import UserError
from handloom.jobs.classification.corrections import KEPT, settled_labels
from handloom.jobs.images.contents import splits_among
from handloom.jobs.images.data import (
    ImageEvaluateOptions,
    ImageReadingOptions,
    own_data,
    reading_like,
    where_labelled,
)
from handloom.jobs.results import NothingHeldOut, Unseen, unseen_rows
from handloom.jobs.training.places import is_place_of
from handloom.runs.records import Evaluated

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import Broken, DataSet, Images
    from handloom.data.images.reading import Reading
    from handloom.division.splits import Uncorrected
    from handloom.jobs.images.records import ImageRecord
    from handloom.jobs.loading import Loaded

MOST_NAMED = 12  # classes, in an error
CHANGED = "the data have changed since the training, so they cannot be divided as they were then"
EVALUATED_TOO = "images that were trained on are evaluated too, which flatters the figures"


class EvaluationData(NamedTuple):
    """The images that an evaluation looks at.

    Of other data than the run's own, images that it was trained on are left out, where it knows.

    split: test, valid or all. train: the training images, where the run's own data are evaluated;
    group: a number for each of them, the same for those that belong together; together: of the
    images that are evaluated, None where that is not known.
    unlabelled: images that were left out for lack of a label. unseen: which were left out since
    the run was trained or validated on them. near_copies: how many, since it was trained on
    near-copies of them, which only runs whose data are at hand know. notes: sentences to show.
    repeated:
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
    unseen: Unseen = Unseen([])
    near_copies: int = 0
    group: Sequence[int] = ()
    together: Tensor | None = None

    def record(self) -> Evaluated:
        """What an evaluation says of its data, for JSON; empty where there is nothing to say.

        "own_data" is True for the run's own, wherever they lie now and whatever they are called.
        """
        record: Evaluated = {} if self.train is None else {"own_data": True}
        if self.broken:
            record["broken"] = [entry._asdict() for entry in self.broken]
        if self.unlabelled:
            record["unlabelled"] = self.unlabelled
        record |= self.unseen.record()
        if self.near_copies:
            record["near_copies"] = self.near_copies
        if self.notes:
            record["notes"] = list(self.notes)
        return record


def evaluation_data(
    run: Loaded[ImageRecord],
    data: str | None,
    options: ImageReadingOptions | None = None,
    labelled: bool | None = True,
    unseen: bool = True,
) -> EvaluationData:
    """The images to evaluate on: the test split, else the validation split, else all.

    data: None for the run's own data. Where other data are the run's own, wherever they lie, they
    are divided as they were in training. labelled: whether labels are needed; None takes them where
    there are some. unseen: of others, without those it was trained on. Raises UserError where there
    are none, NothingHeldOut where it was trained on all of them, and NoLabels.
    """
    given = options or ImageReadingOptions()
    is_grouped = isinstance(given, ImageEvaluateOptions) and given.group is not None
    if data is None and not is_grouped:
        return _held_out(run, run.config["data"], own_data(run))
    loaded = _loaded(run, run.data if data is None else data, given, labelled)
    if data is not None and loaded.fingerprint != run.config["fingerprint"]:
        return _of_others(run, data, loaded, unseen)
    own = own_data(run, data)
    own = replace(own, together=loaded.together) if is_grouped else own
    return _held_out(run, data or run.config["data"], own)


def _loaded(
    run: Loaded[ImageRecord], place: str, given: ImageReadingOptions, labelled: bool | None
) -> DataSet:
    from handloom.data.images.load import load_for_run

    def read(reading: Reading) -> DataSet:
        with waiting.doing("reading the images"):
            return where_labelled(
                labelled,
                lambda labelled: load_for_run(
                    place, run.config["preprocessing"], reading, strict=given.strict,
                    labelled=labelled, report=waiting.report,
                ),
            )  # fmt: skip

    settled = settled_labels(run.directory.path / KEPT)
    reading = replace(reading_like(run.recorded, given), settled=settled)
    if isinstance(given, ImageEvaluateOptions) and given.group is None:
        return _grouped_as_trained(run, read, reading, place)
    return read(reading)


def _grouped_as_trained(
    run: Loaded[ImageRecord], read: Callable[[Reading], DataSet], reading: Reading, data: str
) -> DataSet:
    """Images that belong together as those of the training do; where what said so there says
    nothing of these, with a note."""
    group = run.recorded.get("group")
    if group is None:
        return read(reading)
    try:
        return read(replace(reading, group=group))
    except UserError:
        loaded = read(reading)
    note = (
        f"the interval takes images as independent: {group}, by which training images belong "
        f"together, says nothing of {data}; --group names what does"
    )
    return replace(loaded, notes=(*loaded.notes, note))


def _of_others(
    run: Loaded[ImageRecord], data: str, loaded: DataSet, unseen: bool
) -> EvaluationData:
    import torch

    from handloom.data.images.brightness import brightness_warning
    from handloom.jobs.images.near_copies import near_trained

    split = loaded.held_out
    images = loaded.splits[split] if split is not None else loaded.train
    warning = brightness_warning(images.image, run.config["preprocessing"])
    digests = [loaded.digests.get(name) for name in images.names]
    splits = splits_among(run, images.image, digests) if unseen else None
    changed, known = _changed(run, data, splits is not None), Unseen([])
    if splits is not None and any(splits):
        learned = run.directory.learned()
        has_test = learned is not None and learned.has_test
        known = unseen_rows(splits, "images", data, has_test)
        images = images.subset(torch.tensor(known.rows))
    near_copies, unknown = 0, None
    if unseen:
        near, unknown = near_trained(run, images)
        near_copies, images = int(near.sum()), _without(images, near, data)
    left_out = loaded.interpretation.left_out if loaded.interpretation is not None else ()
    return EvaluationData(
        data, split or "all", images, None,
        (*loaded.notes, *filter(None, [changed, unknown, warning])), loaded.broken,
        sum(part.images for part in left_out if part.is_unlabelled),
        unseen=known, near_copies=near_copies, together=torch.tensor(loaded.groups_of(images)),
    )  # fmt: skip


def _without(images: Images, near: Tensor, data: str) -> Images:
    """Images that are no near-copies. Raises NothingHeldOut where all are."""
    if not near.any():
        return images
    if near.all():
        raise NothingHeldOut(
            f"all {len(near):,} images of {data} that the run was not trained on are near-copies "
            "of some that it was, so what is right of them proves nothing: name others"
        )
    return images.subset((~near).nonzero()[:, 0])


def _changed(run: Loaded[ImageRecord], place: str, is_known: bool) -> str | None:
    """A sentence where the run's own data have changed. is_known: which images it has learned."""
    if not is_place_of(run.config, place):
        return None
    return CHANGED if is_known else f"{CHANGED}: {EVALUATED_TOO}"


def _held_out(run: Loaded[ImageRecord], place: str, data: DataSet) -> EvaluationData:
    split = data.held_out
    if split is None:
        raise NothingHeldOut(f"{place} has no test or validation split: name other data")
    import torch

    images = data.splits[split]
    return EvaluationData(
        place, split, images, data.train, (), data.broken, repeated=_repeated(data, images),
        uncorrected=data.uncorrected.get(split), group=data.group,
        together=torch.tensor(data.groups_of(images)),
    )  # fmt: skip


def _repeated(data: DataSet, images: Images) -> Tensor:
    import torch

    train = set(data.train.names) if data.duplicates else set()
    copies = {name for names in data.duplicates if train.intersection(names) for name in names}
    return torch.tensor([name in copies for name in images.names])


def own_labels(run: Loaded[ImageRecord], images: Images) -> Tensor:
    """Labels in the run's own numbering, int64 (N,), by the names of the classes.

    Raises UserError for images of a class that the run does not know.
    """
    import torch

    from handloom.data.io.labels import same_class

    known = {name: place for place, name in enumerate(run.config["classes"])}
    assert images.label is not None
    places = [same_class(name, known) for name in images.classes]
    unknown = [images.classes[n] for n in images.label.unique().tolist() if places[n] is None]
    if unknown:
        more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
        raise UserError(
            f"class '{unknown[0]}' is unknown to the run, which has "
            f"{', '.join(list(known)[:MOST_NAMED])}{more}: rename it or leave it out"
        )
    return torch.tensor([place or 0 for place in places])[images.label]
