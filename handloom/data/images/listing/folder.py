"""Which image files a set consists of, with the split and label of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from handloom.data.images.dataset import Broken, LeftOut
from handloom.data.images.listing.companions import (
    Masks,
    mask_note,
    masks,
    runs,
    same_folders_note,
    without_images,
)
from handloom.data.images.listing.layout import FLAT, FLAT_SPLITS, SPLITS_ABOVE, Layout, read_layout
from handloom.data.images.listing.nearby import tables_of_images
from handloom.data.images.listing.walk import Walked, walk
from handloom.data.io.labels import alike_notes, class_order, merged_note, normal
from handloom.data.io.splits import parse_splits
from handloom.division.splits import ORDER
from handloom.errors import UserError
from handloom.wording import pluralize

UNLABELLED = -1


TABLE = "table"  # the kind of a listing


class NoLabels(UserError):  # noqa: N818
    """Labels are needed and are absent or useless; jobs that can do without read them without."""


@dataclass(frozen=True)
class Listing:
    """Image files in the order train, valid, test, each with its split and label.

    `label` is -1 for an image without one, and None where no image has any; then `classes` is
    empty. `names` are paths relative to `root`. `broken` are entries for which there is no file.
    `group` says what belongs together by the option `group`, None without it. `others` are the
    other columns of a table, a cell for each file.
    """

    root: Path
    kind: str
    paths: tuple[Path, ...]
    names: tuple[str, ...]
    split: tuple[str, ...]
    label: tuple[int, ...] | None
    classes: tuple[str, ...]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    group: tuple[str, ...] | None = None
    class_depth: int = 0  # folders from the root to the class, itself included
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def subset(self, rows: Sequence[int]) -> "Listing":
        """The files at `rows` alone; classes stay."""
        return replace(
            self,
            paths=tuple(self.paths[row] for row in rows),
            names=tuple(self.names[row] for row in rows),
            split=tuple(self.split[row] for row in rows),
            label=None if self.label is None else tuple(self.label[row] for row in rows),
            group=None if self.group is None else tuple(self.group[row] for row in rows),
            others={name: tuple(cells[row] for row in rows) for name, cells in self.others.items()},
        )


def list_folder(
    root: Path, labelled: bool, splits: str | None = None, with_strays: bool = False
) -> Listing:
    """The images below a folder, as `layout` reads it; `splits` is the option of that name.
    with_strays: images beside class folders have no label, and the others keep theirs.

    Raises UserError where there are no images, where names contradict each other, and NoLabels
    where `labelled` and there are no class folders.
    """
    walked = walk(root)
    beside = masks(walked.images)
    walked.images = [name for name in walked.images if name not in beside]
    return list_walked(
        root, walked, Masks(len(beside), min(beside, default="")), labelled, splits, with_strays
    )


def list_walked(
    root: Path, walked: Walked, beside: Masks, labelled: bool, splits: str | None,
    with_strays: bool = False,
) -> Listing:  # fmt: skip
    """As `list_folder`, of a folder that has been read; beside: the masks that were there.

    What a place means depends on the folders alone: of a walk with one image for each folder, the
    label and the split of that image are those of all images there.
    """
    if not walked.images:
        raise UserError(
            f"'{root}' holds no images: put them into one subfolder per class, "
            "in a format such as JPEG, PNG or WebP"
        )
    layout = read_layout(root, walked.images, parse_splits(splits))
    _check_links(root, walked, layout)
    if labelled:
        _check_labels(root, walked.images, layout, with_strays)
        if not with_strays:
            _check_unread(root, walked, layout)
    labels = _without_strange(layout) if labelled else [None] * len(walked.images)
    left_out = [*_left_out(walked), *runs(walked), *_other_folders(walked.images, layout)]
    if labelled:
        left_out += without_images(walked, layout)
    rows = [row for row, split in enumerate(layout.split) if split is not None]
    rows.sort(key=lambda row: ORDER.index(str(layout.split[row])))
    notes = (*_looked_through(root, layout), *layout.notes, *_passed_over(walked))
    notes += (*mask_note(beside), *(same_folders_note(walked.images, layout) if labelled else ()))
    names = [walked.images[row] for row in rows]
    listing = make_listing(
        root, layout.kind, names, [root / name for name in names],
        [str(layout.split[row]) for row in rows], [labels[row] for row in rows], notes, left_out,
    )  # fmt: skip
    return replace(listing, class_depth=layout.depth)


def make_listing(
    root: Path, kind: str, names: list[str], paths: list[Path], split: list[str],
    labels: Sequence[str | None], notes: Sequence[str], left_out: Sequence[LeftOut],
) -> Listing:  # fmt: skip
    """The record, with classes in `class_order`, in Unicode's composed form."""
    stored = [label for label in labels if label is not None]
    classes = class_order(normal(label) for label in stored)
    number = {name: place for place, name in enumerate(classes)}
    label = tuple(UNLABELLED if label is None else number[normal(label)] for label in labels)
    return Listing(
        root=root,
        kind=kind,
        paths=tuple(paths),
        names=tuple(names),
        split=tuple(split),
        label=label if classes else None,
        classes=classes,
        notes=(*notes, *merged_note(stored), *alike_notes(classes)),
        left_out=tuple(left_out),
    )


def one_class(listing: Listing, name: str) -> NoLabels:
    """The error for data that give a classifier nothing to tell apart."""
    what = "the table" if listing.kind == TABLE else f"'{listing.root}'"
    return NoLabels(
        f"{what} has only one class ('{name}'): a classifier needs at least two, so add images "
        "of another class, or give the folder that holds one subfolder per class"
    )


def _check_labels(root: Path, images: Sequence[str], layout: Layout, with_strays: bool) -> None:
    """Raises NoLabels without class folders, and for images beside class folders."""
    if layout.kind in (FLAT, FLAT_SPLITS):
        tables = [f"'{path}'" for path in tables_of_images(root)]
        meant = f", such as {tables[0]}" if tables else ""
        raise NoLabels(
            f"'{root}' has images but no class folders, which labels are read from: arrange them "
            f"as {root.name}/CLASS/IMAGE.jpg, or give a table with the columns image,label{meant}"
        )
    for split in ORDER:
        rows = [row for row, other in enumerate(layout.split) if other == split]
        stray = [row for row in rows if layout.label[row] is None]
        if stray and not with_strays and (split == "train" or len(stray) < len(rows)):
            raise NoLabels(
                f"'{root / images[stray[0]]}' lies beside the class folders: move it into the "
                "folder of its class"
            )


def _check_unread(root: Path, walked: Walked, layout: Layout) -> None:
    """A class or a split that cannot be read would be missing from all that is said afterwards;
    a folder within a class is named in a note."""
    for place, reason in walked.unread.items():
        if len(place.split("/")) <= layout.depth:
            raise UserError(
                f"the folder '{root / place}' cannot be read ({reason}), and may be a class: allow "
                "reading it, or move it out"
            )


def _without_strange(layout: Layout) -> list[str | None]:
    """Labels, without the one folder, such as test/unknown, that holds a split without labels."""
    if layout.kind != SPLITS_ABOVE:
        return layout.label
    labels = list(layout.label)
    pairs = list(zip(layout.split, layout.label, strict=True))
    known = {label for split, label in pairs if split == "train"}
    for split in ("valid", "test"):
        names = {label for other, label in pairs if other == split}
        if known and len(names) == 1 and not names & known and len(known) > 1:
            labels = [
                None if other == split else label
                for other, label in zip(layout.split, labels, strict=True)
            ]
    return labels


def _check_links(root: Path, walked: Walked, layout: Layout) -> None:
    """A class or a split that is a link to another would be the same images twice."""
    wrapped = len(layout.wrapper.split("/")) if layout.wrapper else 0
    for place, target in walked.links.items():
        depth = len(place.split("/"))
        if wrapped < depth <= layout.depth and target != ".":
            raise UserError(
                f"'{root / place}' is a link to '{root / target}', so that the same images would "
                "be read twice: remove the link, or put other images there"
            )


def _left_out(walked: Walked) -> list[LeftOut]:
    return [
        *(LeftOut(place, images, "a folder of the system, or hidden")
          for place, images in sorted(walked.system.items())),
        *(LeftOut(place, 0, f"a link to '{target}', which is read there")
          for place, target in sorted(walked.links.items())),
    ]  # fmt: skip


def _other_folders(images: Sequence[str], layout: Layout) -> list[LeftOut]:
    """What the option `splits` does not name."""
    skip = len(layout.wrapper) + 1 if layout.wrapper else 0
    rows = [row for row, split in enumerate(layout.split) if split is None]
    folders = Counter(images[row][skip:].split("/")[0] for row in rows)
    return [LeftOut(name, count, "not named by --splits") for name, count in folders.items()]


def unlabelled(listing: Listing) -> tuple[Listing, tuple[LeftOut, ...]]:
    """The files that have labels, where labels are needed, and what is left out for lack of one."""
    if listing.label is None or UNLABELLED not in listing.label:
        return listing, ()
    pairs = list(zip(listing.split, listing.label, strict=True))
    kept = [row for row, (_, label) in enumerate(pairs) if label != UNLABELLED]
    missing = Counter(split for split, label in pairs if label == UNLABELLED)
    total = Counter(listing.split)
    whole = [split for split in missing if missing[split] == total[split]]
    part = sum(count for split, count in missing.items() if split not in whole)
    left_out = [LeftOut(f"the {split} split", missing[split],
                        "it has no labels; 'handloom predict' can name its images", True)
                for split in whole]  # fmt: skip
    if part:
        left_out.append(LeftOut(pluralize(part, "image"), part, "without a label", True))
    return listing.subset(kept), tuple(left_out)


def _looked_through(root: Path, layout: Layout) -> tuple[str, ...]:
    if not layout.wrapper or layout.kind in (FLAT, FLAT_SPLITS):
        return ()
    what = "splits" if layout.kind == SPLITS_ABOVE else "classes"
    return (f"the {what} are the subfolders of '{layout.wrapper}' in '{root}'",)


def _passed_over(walked: Walked) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if walked.others:
        notes += (f"passed over {pluralize(walked.others, 'file')} without an image's suffix",)
    if walked.unread:
        place, reason = next(iter(walked.unread.items()))
        count = pluralize(len(walked.unread), "folder")
        notes += (
            f"{count} cannot be read, the first is '{place}' ({reason}): left out, and how many "
            "images are there is not known",
        )
    return notes
