"""What is in images with captions, as `train clip` reads them: pairs, and what is not a pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from handloom.jobs.clip.captions import Captions, captioned, of_classes
from handloom.jobs.clip.config import Config
from handloom.jobs.clip.pairs import captions_of, images_of

if TYPE_CHECKING:
    from handloom.data.images.dataset import DataSet

MOST_PAIRS = 12
MOST_CAPTIONS = 5  # of a pair that is shown
MOST_SHARED = 10


def show_captions(data: str, config: Config) -> dict[str, Any]:
    """The facts of images with captions, ready for JSON.

    Keys: kind ("captions"), name, fingerprint, splits {split: {images, pairs}}, captions (all of
    them) and different, words {min, median, max} of a caption, pairs [{name, file, captions}] from
    all over the training images, without_caption [names of images], without_image [{name, reason,
    captions}], shared [{caption, images}] the commonest first, broken, duplicates, notes. Raises
    UserError for whatever training would refuse.
    """
    known = captions_of(data, config)
    own = replace(config, validation=0.0)  # nothing is taken for validation
    images = images_of(own, data, lambda *_: None, known is None, None)
    captions = known or of_classes(images, config.template)
    rows = [captions.of_image[name] for name in _paired(images, captions)]
    words = [len(captions.texts[place].split()) for mine in rows for place in mine] or [0]
    files = _Files(data, config, _names(images, captions))
    return {
        "kind": "captions",
        "name": images.name,
        "fingerprint": images.fingerprint,
        "splits": {
            split: {"images": len(part), "pairs": len(captioned(part, captions))}
            for split, part in images.splits.items()
        },
        "captions": sum(map(len, rows)),
        "different": len({place for mine in rows for place in mine}),
        "words": {"min": min(words), "median": median(words), "max": max(words)},
        "pairs": _pairs(images, captions, files),
        "without_caption": [*_without(images, captions), *files.unnamed()],
        "without_image": _without_image(images, captions),
        "shared": [] if known is None else _shared(captions, rows),
        "broken": [each._asdict() for each in images.broken
                   if each.path not in captions.of_image],
        "duplicates": [list(group) for group in images.duplicates],
        "notes": [*images.notes, *captions.notes],
    }  # fmt: skip


def _names(images: DataSet, captions: Captions) -> list[str]:
    """All that data name, with a caption or without."""
    names = (name for part in images.splits.values() for name in part.names)
    return list(dict.fromkeys([*captions.of_image, *names, *(each.path for each in images.broken)]))


def _paired(images: DataSet, captions: Captions) -> list[str]:
    return [part.names[row] for part in images.splits.values() for row in captioned(part, captions)]


def _without(images: DataSet, captions: Captions) -> list[str]:
    return [
        name
        for part in images.splits.values()
        for name in part.names
        if name not in captions.of_image
    ]


def _pairs(images: DataSet, captions: Captions, files: _Files) -> list[dict[str, Any]]:
    names = [images.train.names[row] for row in captioned(images.train, captions)]
    step = max(1, len(names) // MOST_PAIRS)
    return [
        {"name": name, "file": files.of(name), "captions": _texts(captions, name)}
        for name in names[::step][:MOST_PAIRS]
    ]


def _texts(captions: Captions, name: str) -> list[str]:
    return [captions.texts[place] for place in captions.of_image.get(name, ())[:MOST_CAPTIONS]]


def _without_image(images: DataSet, captions: Captions) -> list[dict[str, Any]]:
    """Captions whose image is not there, or cannot be read."""
    return [
        {"name": each.path, "reason": each.reason, "captions": _texts(captions, each.path)}
        for each in images.broken
        if each.path in captions.of_image
    ]


def _shared(captions: Captions, rows: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Captions that several images have; those that differ in case alone count as the same."""
    counts, texts = Counter[int](), dict[int, str]()
    for mine in rows:
        counts.update({captions.group[place] for place in mine})
        texts |= {captions.group[place]: captions.texts[place] for place in mine}
    return [
        {"caption": texts[group], "images": count}
        for group, count in counts.most_common(MOST_SHARED)
        if count > 1
    ]


class _Files:
    """The files of images by their names; a set that comes as arrays has none."""

    def __init__(self, data: str, config: Config, names: list[str]) -> None:
        from handloom.data.images.listing.places import Places
        from handloom.data.images.named.sets import place_of

        path = place_of(data).path
        self.folder = path if path is not None and path.is_dir() else None
        self.places, self.names = None, names
        if path is not None and self.folder is None:
            root = None if config.root is None else Path(config.root)
            self.places = Places(path, self.names, root)

    def of(self, name: str) -> str | None:
        """The whole path of an image, None where it is not known."""
        path = self.folder and self.folder / name
        if self.places is not None:
            path, _ = self.places.find(name)
        return None if path is None else str(path.resolve())

    def unnamed(self) -> list[str]:
        """Images that lie beside those of a table, below its folder, and that it does not name."""
        from handloom.data.images.listing.walk import is_image

        if self.places is None:
            return []
        files = [path for name in self.names if (path := self.places.find(name)[0]) is not None]
        known, root = {path.resolve() for path in files}, self.places.root
        folders = {path.parent for path in files}
        return sorted(
            str(path.relative_to(root))
            for folder in folders
            if folder.resolve().is_relative_to(root.resolve()) and folder.is_relative_to(root)
            for path in folder.iterdir()
            if is_image(path.name) and path.resolve() not in known
        )
