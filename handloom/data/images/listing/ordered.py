"""The images of a folder of any size, in the order of their paths, without a list of them.

The order is that of `path_order`: what lies in a folder `a` comes after `a.png` and `a-b/c.png` and
before `a0.png`, by the slash behind its name.
"""

import heapq
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from handloom.data.images.listing.companions import Masks, masks
from handloom.data.images.listing.folder import UNLABELLED, Listing, list_walked
from handloom.data.images.listing.walk import Walked, image_names, join, read_folders
from handloom.data.io.path_order import order
from handloom.errors import UserError


class Meaning(NamedTuple):
    """What the images that lie in a folder are: label and split, None without."""

    label: str | None
    split: str | None


class Surveyed(NamedTuple):
    """The folders below `root`: all that was walked, with the first image of each alone."""

    root: Path
    walked: Walked
    masks: Masks

    def listing(self, labelled: bool, splits: str | None) -> Listing:
        """What the folders mean, by an image of each; images beside class folders have no label.
        Errors as of `list_folder`."""
        return list_walked(self.root, self.walked, self.masks, labelled, splits, with_strays=True)


def survey(root: Path) -> Surveyed:
    """All folders below `root`, read once."""
    walked, count, first = Walked(), 0, list[str]()
    for place, names in read_folders(root, walked):
        beside = masks(names)
        count += len(beside)
        first += [join(place, min(beside))] if beside else []
        walked.images += [join(place, name) for name in names if name not in beside][:1]
    walked.images.sort()
    return Surveyed(root, walked, Masks(count, min(first, default="")))


def in_order(surveyed: Surveyed, listing: Listing) -> Iterator[tuple[str, Meaning]]:
    """Every image that a listing of the survey means, by its path, in order of `order`.

    A folder is read again when it is its turn; those around it are held, with their names.
    Raises UserError for one with images that can no longer be read: they are not gone for that.
    """
    places, below = _places(listing), _below(surveyed.walked.folders)
    waiting = [_members(surveyed.root, "", below, places)]
    while waiting:
        path = next(waiting[-1], None)
        if path is None:
            waiting.pop()
        elif path.endswith("/"):
            waiting.append(_members(surveyed.root, path[:-1], below, places))
        elif (place := places.get(os.path.dirname(path))) is not None:
            yield path, place


def _places(listing: Listing) -> dict[str, Meaning]:
    has_splits = len(set(listing.split)) > 1
    labels = listing.label or [UNLABELLED] * len(listing.names)
    return {
        os.path.dirname(name): Meaning(
            None if label == UNLABELLED else listing.classes[label], split if has_splits else None
        )
        for name, split, label in zip(listing.names, listing.split, labels, strict=True)
    }


def _below(folders: list[str]) -> dict[str, list[str]]:
    """The folders right inside each, with a slash, in order."""
    below = defaultdict[str, list[str]](list)
    for folder in folders:
        if folder:
            below[os.path.dirname(folder)].append(f"{os.path.basename(folder)}/")
    return {place: sorted(names, key=order) for place, names in below.items()}


def _members(
    root: Path, place: str, below: dict[str, list[str]], places: Mapping[str, Meaning]
) -> Iterator[str]:
    """Paths of the images and, with a slash, of the folders in a folder, in order."""
    try:
        names = image_names(root / place) if place in places else []
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"'{root / place}' can no longer be read ({reason}): run the command again when it "
            "can; the index is as it was"
        ) from None
    beside = masks(names)
    if not all(map(str.isascii, names)):
        names.sort(key=order)
    own = (name for name in names if name not in beside)
    for name in heapq.merge(own, below.get(place, ()), key=order):
        yield join(place, name)
