"""Image files, found in folders or a table, as the parts of a set."""

from collections.abc import Sequence

import torch
from torch import Tensor

from handloom.data.images.dataset import Broken, Images, Report
from handloom.data.images.decoded import decoded
from handloom.data.images.divide import Parts
from handloom.data.images.listing import ORDER, Listing, one_class
from handloom.data.io.digest import digest, file_digests
from handloom.errors import UserError


def read_files(
    name: str, listing: Listing, size: int | None, channels: int | None, report: Report
) -> Parts:
    """The images of a listing, decoded or from the cache; UserError where none can be read."""
    digests = file_digests(listing.root, listing.paths, report)
    found = decoded(listing.paths, digests, size, channels, report)
    broken = (*listing.broken,
              *(Broken(listing.names[row], reason) for row, reason in found.broken))  # fmt: skip
    if not found.rows:
        raise UserError(
            f"none of the {len(broken)} images in '{listing.root}' can be read "
            f"('{broken[0].path}': {broken[0].reason}): are they images?"
        )
    label, classes, lost = _remaining(listing, found.rows)
    whole = Images(found.image, label, classes, tuple(listing.names[row] for row in found.rows))
    split = [listing.split[row] for row in found.rows]
    splits = {
        key: whole.subset(torch.tensor([row for row, other in enumerate(split) if other == key]))
        for key in ORDER if key in split
    }  # fmt: skip
    if "train" not in splits:
        raise UserError(f"'{listing.root}' has no training image that can be read: it needs some")
    return Parts(
        name=name,
        splits=splits,
        group=found.group,
        fingerprint=digest(*digests, *listing.split, *map(str, listing.label or ()), *classes),
        preprocessing=found.preprocessing,
        facts=found.facts,
        broken=broken,
        notes=(*listing.notes, *lost),
        key=found.key,
    )


def _remaining(
    listing: Listing, rows: Sequence[int]
) -> tuple[Tensor | None, tuple[str, ...], tuple[str, ...]]:
    """Labels and classes of the images that could be read, a note for each class that is lost."""
    if listing.label is None:
        return None, (), ()
    label = [listing.label[row] for row in rows]
    kept = sorted(set(label))
    if len(kept) < 2:
        raise one_class(listing.root, listing.classes[kept[0]])
    number = {old: new for new, old in enumerate(kept)}
    lost = [name for place, name in enumerate(listing.classes) if place not in number]
    return (
        torch.tensor([number[old] for old in label]),
        tuple(listing.classes[old] for old in kept),
        tuple(
            f"the class '{name}' is left out, since none of its images can be read" for name in lost
        ),
    )
