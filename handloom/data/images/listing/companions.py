"""What lies among images and is none of them: masks, runs, folders that hold none."""

import os
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from handloom.data.images.dataset import LeftOut
from handloom.data.images.listing.layout import CLASSES, SPLITS_ABOVE, Layout
from handloom.data.images.listing.walk import Walked
from handloom.wording import join_and, pluralize

MASK = re.compile(r"[-_ .]((masks?|seg|segmentation|ground[-_]?truth)[-_ ]?\d*|gt)$", re.IGNORECASE)
MOST_NAMED = 5


class Masks(NamedTuple):
    """How many masks were passed over, and the first by its name; "" without any."""

    number: int = 0
    example: str = ""


def masks(images: Sequence[str]) -> set[str]:
    """The masks among image files, x_mask.png beside x.png: they show what a label says.

    That is where most images of a folder have one; else mustang_gt.jpg is another car. Folders may
    be given together or each by itself.
    """
    if not any(MASK.search(_stem(name)) for name in images):
        return set()
    stems = {name: _stem(name) for name in images}
    known = set(stems.values())
    masked = {name: stem[: match.start()] for name, stem in stems.items()
              if (match := MASK.search(stem)) and stem[: match.start()] in known}  # fmt: skip
    shown = Counter(map(_folder, set(masked.values()) - {stems[name] for name in masked}))
    others = Counter(_folder(stem) for name, stem in stems.items() if name not in masked)
    return {name for name, stem in masked.items()
            if 2 * shown[_folder(stem)] > others[_folder(stem)]}  # fmt: skip


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def mask_note(left_out: Masks) -> tuple[str, ...]:
    """A sentence on masks, none without any."""
    if not left_out.number:
        return ()
    return (
        f"passed over {pluralize(left_out.number, 'file')} named as masks of the images beside "
        f"them, such as '{left_out.example}': in a folder of their own they are images",
    )


def runs(walked: Walked) -> list[LeftOut]:
    """Runs of Handloom, whose plots and samples are no data."""
    return [LeftOut(place, images, "a run of Handloom")
            for place, images in sorted(walked.runs.items()) if images]  # fmt: skip


def without_images(walked: Walked, layout: Layout) -> list[LeftOut]:
    """Folders where those of the classes, or of the splits, lie, in which no image is."""
    if layout.kind not in (CLASSES, SPLITS_ABOVE):
        return []
    empty = _without(walked, layout, layout.depth - (layout.kind == SPLITS_ABOVE))
    if layout.kind == SPLITS_ABOVE:
        below = _without(walked, layout, layout.depth)
        empty += [place for place in below if place.rpartition("/")[0] not in empty]
    if not empty:
        return []
    more = [f"{len(empty) - MOST_NAMED:,} more"] if len(empty) > MOST_NAMED else []
    return [LeftOut(join_and([*empty[:MOST_NAMED], *more]), 0, "no image in it")]


def _without(walked: Walked, layout: Layout, depth: int) -> list[str]:
    """Folders at a depth, inside all wrappers, that hold no images at any depth."""
    held = {"/".join(name.split("/")[:depth]) for name in [*walked.images, *walked.runs]}
    lead = f"{layout.wrapper}/" if layout.wrapper else ""
    return [place for place in sorted(walked.folders)
            if place and place.count("/") == depth - 1 and place.startswith(lead)
            and place not in held]  # fmt: skip


def same_folders_note(images: Sequence[str], layout: Layout) -> tuple[str, ...]:
    """A sentence where every class holds the same folders, which may be the classes."""
    if layout.kind != CLASSES:
        return ()
    inside: dict[str, set[str]] = {}
    for name in images:
        parts = name.split("/")
        folder = parts[layout.depth] if len(parts) > layout.depth + 1 else ""
        inside.setdefault(parts[layout.depth - 1], set()).add(folder)
    held = list(inside.values())
    if (
        len(held) < 2
        or len(held[0]) < 2
        or "" in held[0]
        or any(other != held[0] for other in held)
    ):
        return ()
    folders = join_and([f"'{name}'" for name in sorted(held[0])[:MOST_NAMED]])
    return (
        f"each class folder holds the same folders ({folders}): if those are the classes, arrange "
        "the images as CLASS/..., or give a table image,label",
    )
