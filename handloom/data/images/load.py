"""`load`: from a name, a folder or a table to images in splits."""

import statistics
from collections import Counter
from pathlib import Path
from typing import Any

from torch import Tensor

from handloom.data.images.catalog import CATALOG
from handloom.data.images.dataset import DataSet, Images, Report
from handloom.data.images.divide import Parts, divided
from handloom.data.images.duplicates import same
from handloom.data.images.idx import idx_files, read_idx_folder
from handloom.data.images.listing import ORDER, list_folder
from handloom.data.images.named import located, named, read_arrays, unknown
from handloom.data.images.resize import resized
from handloom.data.images.table import list_table
from handloom.data.io.digest import digest, image_digest
from handloom.errors import UserError
from handloom.wording import pluralize

TABLES = (".csv", ".tsv", ".parquet", ".pq")
MOST_SIZE = 4096  # pixels


def load(
    data: str | Path,
    *,
    size: int | None = None,
    channels: int | None = None,
    validation: float | None = None,
    seed: int = 0,
    strict: bool = False,
    labelled: bool = True,
    report: Report | None = None,
) -> DataSet:
    """Images from a name of the catalog, a folder, a table, or a folder of IDX files.

    `size`: pixels of each side; None keeps a named set's own, and means 64 for files, or less where
    they are smaller. `channels`: 1 or 3; None means 1 if all images are grey. `validation`: the
    share of the training images that validates, 0 for none; None means 0.2, at most 5,000; a
    set's own validation split wins. `labelled` False asks for no labels and returns none. `strict`
    refuses broken images, which are otherwise left out. `report` is called with (what, done,
    total). Raises UserError, one sentence, for all that a user can mend.
    """
    _check(size, channels, validation)
    name = named(data) if isinstance(data, str) else None
    if name is not None:
        parts = _read_named(name, size, channels, labelled, report)
    else:
        parts = _read_path(Path(data).expanduser(), size, channels, labelled, report or _silent)
    if strict and parts.broken:
        path, reason = parts.broken[0]
        raise UserError(
            f"{pluralize(len(parts.broken), 'broken image')}, the first is '{path}' ({reason}): "
            "repair or remove them, or leave out --strict"
        )
    return divided(parts, validation, seed)


def _check(size: int | None, channels: int | None, validation: float | None) -> None:
    if size is not None and not 1 <= size <= MOST_SIZE:
        raise UserError(f"the size {size} is out of range: give 1 to {MOST_SIZE} pixels")
    if channels not in (None, 1, 3):
        raise UserError(f"{channels} channels are not possible: give 1 (grey) or 3 (colour)")
    if validation is not None and not 0 <= validation < 1:
        raise UserError(f"the validation share {validation} is out of range: give 0 up to below 1")


def _read_named(
    name: str, size: int | None, channels: int | None, labelled: bool, report: Report | None
) -> Parts:
    entry = CATALOG[name]
    folder = located(name, report)
    splits = read_arrays(name, folder)
    if splits is not None:
        return _arrays(name, splits, entry.classes, size, channels, labelled)
    from handloom.data.images.files import read_files

    listing = list_folder(folder, labelled)
    parts = read_files(name, listing, size, channels, report or _silent)
    if not (labelled and entry.classes):
        return parts
    renamed = {
        key: Images(part.image, part.label, entry.classes, part.names)
        for key, part in parts.splits.items()
    }
    return parts._replace(splits=renamed)


def _read_path(
    path: Path, size: int | None, channels: int | None, labelled: bool, report: Report
) -> Parts:
    from handloom.data.images.files import read_files  # Pillow takes 20 ms, which arrays do without

    if not path.exists():
        raise (
            unknown(str(path))
            if path.parent == Path()
            else UserError(
                f"'{path}' does not exist: give a folder, a table, or a name such as digits"
            )
        )
    name = path.resolve().stem or "data"
    if path.is_file():
        if path.suffix.lower() not in TABLES:
            raise UserError(
                f"'{path}' is a single file: give a folder of images or a table "
                f"({', '.join(TABLES)}) with the columns image,label"
            )
        return read_files(name, list_table(path, labelled), size, channels, report)
    for folder in (path, path / "raw"):
        if folder.is_dir() and idx_files(folder):
            return _arrays(name, read_idx_folder(folder, labelled), None, size, channels, labelled)
    return read_files(name, list_folder(path, labelled), size, channels, report)


def _arrays(
    name: str, splits: dict[str, tuple[Tensor, Tensor | None]], classes: tuple[str, ...] | None,
    size: int | None, channels: int | None, labelled: bool,
) -> Parts:  # fmt: skip
    parts: dict[str, Images] = {}
    if classes is None:
        tops = [
            int(label.max()) for _, label in splits.values() if label is not None and len(label)
        ]
        classes = tuple(str(number) for number in range(max(tops, default=-1) + 1))
    for split in (split for split in ORDER if split in splits):
        image, label = splits[split]
        known = label if labelled else None
        if known is not None and len(known) and int(known.max()) >= len(classes):
            raise UserError(
                f"'{name}' has the label {int(known.max())} but {len(classes)} classes: "
                "its files do not belong together"
            )
        names = tuple(f"{split}/{row}" for row in range(len(image)))
        parts[split] = Images(resized(image, size, channels), known,
                                classes if labelled else (), names)  # fmt: skip
    train = parts["train"]
    if not len(train):
        raise UserError(f"'{name}' has no training images: it needs one at least")
    return Parts(
        name=name,
        splits=parts,
        group=same(train.image),
        fingerprint=digest(*(f"{key} {image_digest(*splits[key])}" for key in sorted(splits))),
        preprocessing={"size": list(train.size), "channels": train.channels, "fit": "crop"},
        facts=_facts([splits[split][0] for split in parts]),
    )


def _facts(images: list[Tensor]) -> dict[str, Any]:
    """What the images of all splits are like as they are stored."""
    modes = Counter[str]()
    for image in images:
        modes["L" if image.shape[3] == 1 else "RGB"] += len(image)
    return {
        "formats": {"array": modes.total()},
        "modes": dict(modes),
        "width": _spread([side for image in images for side in [image.shape[2]] * len(image)]),
        "height": _spread([side for image in images for side in [image.shape[1]] * len(image)]),
    }


def _spread(pixels: list[int]) -> dict[str, float]:
    return {"min": min(pixels), "median": statistics.median(pixels), "max": max(pixels)}


def _silent(what: str, done: int, total: int) -> None:
    pass
