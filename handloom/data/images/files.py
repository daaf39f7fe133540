"""Image files, listed in folders or a table, as a raw data set."""

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from handloom.data.images.dataset import Broken, Images, Interpretation, LeftOut
from handloom.data.images.decoded import decode_files
from handloom.data.images.deep import is_deep, levels_note
from handloom.data.images.divide import RawDataSet
from handloom.data.images.duplicates import Groups, near, same
from handloom.data.images.fit import fit_note
from handloom.data.images.grouping import named_groups, numbered, related_note
from handloom.data.images.listing.folder import TABLE, UNLABELLED, Listing, one_class
from handloom.data.images.listing.folder import unlabelled as without_unlabelled
from handloom.data.images.reading import Shape
from handloom.data.io import cache
from handloom.data.io.cache import Decoded
from handloom.data.io.digest import digest, file_digests
from handloom.data.io.progress import ReportProgress
from handloom.division.splits import ORDER
from handloom.errors import UserError
from handloom.wording import pluralize

GROUPS = "near-5"  # the version of `near` in the cache


def read_files(
    name: str, listing: Listing, shape: Shape, group: str | None, report: ReportProgress
) -> RawDataSet:
    """The images of a listing, decoded or from the cache; UserError where none can be read.

    Images without a label are left out of a set with labels. For a run (`shape.is_like_run`) one
    class and no training images are enough, and copies are not looked for.
    """
    listing, unlabelled = without_unlabelled(listing)
    digests = file_digests(listing.root, listing.paths, report)
    decoded = decode_files(listing.paths, digests, shape, report)
    broken = broken_of(listing, decoded)
    if not decoded.rows:
        raise _none_readable(listing, broken)
    label, classes, lost = _remaining(listing, decoded.rows, 1 if shape.is_like_run else 2)
    whole = Images(decoded.image, label, classes, tuple(listing.names[row] for row in decoded.rows))
    splits = _splits(listing, whole, decoded.rows, shape.is_like_run)
    single = torch.arange(len(whole))
    exact = single if shape.is_like_run else same(decoded.image)
    groups = Groups(single, single) if shape.is_like_run else _near(decoded, exact, report)
    notes = (*treatment_notes(decoded, shape), *_related(listing, splits, group, shape))
    return RawDataSet(
        name=name,
        splits=splits,
        near=groups.copies,
        alike=groups.alike,
        exact=exact,
        fingerprint=digest(*digests, *listing.split, *map(str, listing.label or ()), *classes),
        preprocessing=decoded.preprocessing,
        facts=decoded.facts,
        interpretation=_interpretation(listing, splits, unlabelled),
        group=_group(listing, decoded.rows, group),
        broken=broken,
        notes=(*listing.notes, *lost, *notes),
        key=decoded.key,
        digests=dict(zip(listing.names, digests, strict=True)),
        files=dict(zip(listing.names, listing.paths, strict=True)),
    )


def _none_readable(listing: Listing, broken: Sequence[Broken]) -> UserError:
    return UserError(
        f"none of the {len(broken)} images in '{listing.root}' can be read "
        f"('{broken[0].path}': {broken[0].reason}): repair them, or give other images"
    )


def _related(
    listing: Listing, splits: dict[str, Images], group: str | None, shape: Shape
) -> tuple[str, ...]:
    """A sentence on images that belong together, where validation is taken from among them."""
    train = splits["train"]
    if group is not None or shape.is_like_run or "valid" in splits or train.label is None:
        return ()
    label, is_table = train.label.tolist(), listing.kind == TABLE
    return related_note(train.names, label, listing.class_depth, is_table)


def broken_of(listing: Listing, decoded: Decoded) -> tuple[Broken, ...]:
    """All that cannot be read: entries without a file, and files that are not images."""
    undecodable = (Broken(listing.names[row], reason) for row, reason in decoded.broken)
    return (*listing.broken, *undecodable)


def treatment_notes(decoded: Decoded, shape: Shape) -> tuple[str, ...]:
    """Sentences on what was done to the images so that a network can read them."""
    facts, preprocessing = decoded.facts, decoded.preprocessing
    notes = []
    if preprocessing["fit"] != shape.fit or preprocessing["fit"] == "crop":
        notes.append(
            fit_note(preprocessing["fit"], facts["aspect"]["median"], shape.fit is not None)
        )
    if facts["deep"] and "levels" in preprocessing:
        notes.append(levels_note(preprocessing["levels"], facts["deep"]))
    if "F" in facts["modes"] and any(is_deep(mode) and mode != "F" for mode in facts["modes"]):
        notes.append(
            "images of floats stand beside integers of more than 8 bits, and one scale for both "
            "leaves the smaller values nearly black: convert all to one kind"
        )
    if facts["pages"]:
        notes.append(
            f"{pluralize(facts['pages'], 'file')} with several frames or pages: the first is read"
        )
    if facts["transparent"]:
        notes.append(
            f"{facts['transparent']:,} of the images are transparent in places: they lie over "
            f"{preprocessing['background']} (--background)"
        )
    if facts["blank"]:
        advice = ", and what is as light lies over it: try --background black or grey"
        is_hidden = facts["transparent"] and preprocessing["background"] == "white"
        notes.append(
            f"{pluralize(facts['blank'], 'image')} of a single colour, with nothing to see"
            + (advice if is_hidden else "")
        )
    return tuple(note for note in notes if note is not None)


def _near(decoded: Decoded, exact: Tensor, report: ReportProgress) -> Groups:
    find = lambda: torch.stack(near(decoded.image, report, exact)[:2])
    return Groups(*cache.groups(decoded.key, GROUPS, find))


def _splits(
    listing: Listing, whole: Images, rows: Sequence[int], is_like_run: bool
) -> dict[str, Images]:
    split = [listing.split[row] for row in rows]
    splits = {
        key: whole.subset(torch.tensor([row for row, other in enumerate(split) if other == key],
                                       dtype=torch.int64))
        for key in ORDER if key in split or key == "train"
    }  # fmt: skip
    if not len(splits["train"]) and not is_like_run:
        has = f" (it has: {', '.join(sorted(set(split)))})"
        raise UserError(
            f"'{listing.root}' has no training image that can be read{has}: add a folder train, or "
            "name the training folder with --splits"
        )
    return splits


def _interpretation(
    listing: Listing, splits: dict[str, Images], unlabelled: tuple[LeftOut, ...]
) -> Interpretation:
    count = Counter[int]()
    for part in splits.values():
        count.update([] if part.label is None else part.label.tolist())
    classes = splits["train"].classes
    return Interpretation(
        kind=listing.kind,
        splits={split: len(part) for split, part in splits.items() if len(part)},
        classes={name: count[number] for number, name in enumerate(classes)},
        left_out=(*listing.left_out, *unlabelled),
    )


def _group(listing: Listing, rows: Sequence[int], how: str | None) -> Tensor | None:
    if how is None:
        return None
    if listing.group is not None:
        return numbered([listing.group[row] for row in rows])
    return named_groups([listing.names[row] for row in rows], how, listing.class_depth)


def _remaining(
    listing: Listing, rows: Sequence[int], least: int
) -> tuple[Tensor | None, tuple[str, ...], tuple[str, ...]]:
    """Labels and classes of the images that could be read, a note for each class that is lost."""
    if listing.label is None:
        return None, (), ()
    label = [listing.label[row] for row in rows]
    kept = sorted(set(label) - {UNLABELLED})
    if len(kept) < least:
        raise one_class(listing, listing.classes[kept[0]])
    number = {old: new for new, old in enumerate(kept)}
    present = set(listing.label)
    lost = [name for place, name in enumerate(listing.classes)
            if place not in number and place in present]  # fmt: skip
    return (
        torch.tensor([number[old] for old in label]),
        tuple(listing.classes[old] for old in kept),
        tuple(
            f"the class '{name}' is left out, since none of its images can be read" for name in lost
        ),
    )
