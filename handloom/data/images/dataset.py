"""Decoded images with their labels, and the set of three splits they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from handloom.division.splits import Divided, Uncorrected
from handloom.wording import join_and, pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.reading import Preprocessing

MOST_CLASSES = 8  # named in a sentence


SEVERAL_LABELS = "the table gives it"  # how the reason begins


class Broken(NamedTuple):
    """An image that cannot be used, and why."""

    path: str
    reason: str

    @property
    def has_several_labels(self) -> bool:
        """Whether it is left out since a table contradicts itself, which a correction settles."""
        return self.reason.startswith(SEVERAL_LABELS)


class LeftOut(NamedTuple):
    """Images that were not read on purpose: where or what they are, how many, and why."""

    what: str
    images: int
    reason: str
    is_unlabelled: bool = False


class Whole(NamedTuple):
    """What a crop to the middle leaves out of some images: each of them as a whole, stretched.

    `image` may hold others too, so that a part of the images needs no copy of them.
    """

    image: Tensor  # uint8 (M, S, S, C), resident or memory-mapped
    row: Tensor  # int64 (N,), where each image is
    aspect: Tensor  # float (N,), width to height before it was stretched


@dataclass(frozen=True)
class Images:
    """Decoded images, resident or memory-mapped, and how a person finds each of them again.

    `image` is uint8 (N, H, W, C), contiguous, C = 1 or 3; `label` is int64 (N,) or None where there
    are no labels, and then `classes` is empty; `names` holds a path, or "train/123", for each;
    `whole` is there where a training crops whole images at random.
    """

    image: Tensor  # uint8 (N, H, W, C)
    label: Tensor | None  # int64 (N,)
    classes: tuple[str, ...]
    names: tuple[str, ...]
    whole: Whole | None = None

    def __len__(self) -> int:
        return self.image.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.image.shape[1], self.image.shape[2]

    @property
    def channels(self) -> int:
        """1 (grey) or 3 (red, green, blue)."""
        return self.image.shape[3]

    def sample(self, most: int) -> Images:
        """At most so many images, always the same, of every class its share."""
        from handloom.division.sample import sample_rows

        if len(self) <= most:
            return self
        return self.subset(sample_rows(len(self), most, self.label))

    def relabelled(self, label: Tensor, classes: tuple[str, ...]) -> Images:
        """The same images with other labels, int64 (N,), of these classes."""
        return replace(self, label=label, classes=classes)

    def subset(self, index: Tensor) -> Images:
        """The images at `index`, int64 (M,); a run of neighbours is a view, others are copied."""
        rows = index.tolist()
        names, whole = tuple(self.names[row] for row in rows), self.whole
        if whole is not None:
            whole = Whole(whole.image, whole.row[index], whole.aspect[index])
        if rows and rows == list(range(rows[0], rows[0] + len(rows))):
            span = slice(rows[0], rows[0] + len(rows))
            label = None if self.label is None else self.label[span]
            return Images(self.image[span], label, self.classes, names, whole)
        label = None if self.label is None else self.label[index]
        return Images(self.image[index], label, self.classes, names, whole)


@dataclass(frozen=True)
class Interpretation:
    """What data were taken to be, before a validation split is taken from them.

    kind: in words, such as "class folders". splits: images in each of the set's own splits.
    classes: images in each class, over all splits. left_out: what was not read on purpose.
    """

    kind: str
    splits: dict[str, int]
    classes: dict[str, int]
    left_out: tuple[LeftOut, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """What a user should read to know whether the data were understood."""
        # What has no splits is not "train": it may be there to be evaluated, or searched.
        splits = (
            pluralize(self.splits["train"], "image")
            if list(self.splits) == ["train"]
            else join_and([f"{name} {count:,}" for name, count in self.splits.items()])
        )
        named = [f"{name} {count:,}" for name, count in list(self.classes.items())[:MOST_CLASSES]]
        if len(self.classes) > MOST_CLASSES:
            named.append(f"{len(self.classes) - MOST_CLASSES:,} more")
        classes = f"; {pluralize(len(self.classes), 'class')}: {join_and(named)}" if named else ""
        return (
            f"read as {self.kind}: {splits}{classes}",
            *(f"left out {_what(part)}: {part.reason}" for part in self.left_out),
        )


def _what(part: LeftOut) -> str:
    count = pluralize(part.images, "image")
    return part.what if not part.images or part.what == count else f"{part.what} ({count})"


@dataclass(frozen=True)
class DataSet(Divided[Images]):
    """The images of one set: training, validation and test, and what a user should know of them.

    `preprocessing` is what `decode` takes to treat a new image the same way: "size" [H, W],
    "channels" C, "fit", "background", for images of more than 8 bits "levels", and "brightness" of
    the training images; `fingerprint` is 32 hexadecimal digits over what was read, wherever it
    lies; `notes` are sentences to show, the first on what the data were taken to be; `facts`
    describe the files as they are on disk (formats, modes, sizes); `duplicates` are the groups of
    near-duplicates, by name, and `equal` those of equal images; `own` are the splits that the data
    have themselves; `together` are those of images of any split that a division keeps on one side,
    and that count for little more than one: what --group names, else frames and near-duplicates;
    `digests` are those of the content of image files, by name, and `files` where these lie, both
    empty for a set that comes as arrays; `uncorrected` are the held-out splits that a person's
    corrections changed; `seed` is what it was divided by.
    """

    name: str
    train: Images
    valid: Images | None
    test: Images | None  # None where the set has no test split of its own
    broken: tuple[Broken, ...]
    notes: tuple[str, ...]
    fingerprint: str
    preprocessing: Preprocessing
    facts: dict[str, Any] = field(default_factory=dict)
    duplicates: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    interpretation: Interpretation | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    uncorrected: Mapping[str, Uncorrected[Images]] = field(default_factory=dict)
    seed: int = 0
    equal: tuple[tuple[str, ...], ...] = ()
    own: frozenset[str] = frozenset()

    @property
    def group(self) -> list[int]:
        """A number for each training image, the same for those that belong together."""
        return self.groups_of(self.train)

    def groups_of(self, images: Images) -> list[int]:
        """A number for each of some of the images, the same for those that belong together."""
        number = {name: row for row, name in enumerate(images.names)}
        group = list(range(len(number)))
        for names in self.together:
            rows = [number[name] for name in names if name in number]
            for row in rows[1:]:
                group[row] = rows[0]
        return group

    def folds(self, count: int) -> Tensor:
        """The fold of every training image, int64 (N,), from 0 to below `count`, by the seed.

        Classes are dealt out evenly, and what belongs together always to one fold, unless there are
        fewer such groups than folds.
        """
        from handloom.division.folds import folds
        from handloom.division.sample import shuffled

        assert self.train.label is not None
        group = self.group
        if len(set(group)) < count:  # whole classes of copies: nothing could be compared
            group = list(range(len(group)))
        return folds(self.train.label, group, shuffled(len(group), self.seed), count)
