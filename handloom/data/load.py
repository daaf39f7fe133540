"""`load`: from a name, a folder or a table to pictures in splits."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from handloom.data.catalog import CATALOG, located, named, unknown
from handloom.data.decoded import decoded
from handloom.data.digest import digest, file_digests, picture_digest
from handloom.data.divide import Parts, divided
from handloom.data.duplicates import same
from handloom.data.idx import idx_files, read_idx_folder
from handloom.data.listing import ORDER, Listing, list_folder, one_class
from handloom.data.pictures import Broken, DataSet, Pictures, Report
from handloom.data.resize import resized
from handloom.data.table import list_table
from handloom.errors import UserError

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
    """Pictures from a name of the catalog, a folder, a table, or a folder of IDX files.

    `size`: pixels of each side; None keeps a named set's own, and means 64 for files, or less where
    they are smaller. `channels`: 1 or 3; None means 1 if all pictures are grey. `validation`: the
    share of the training pictures that validates, 0 for none; None means 0.2, at most 5,000; a
    set's own validation split wins. `labelled` False asks for no labels and returns none. `strict`
    refuses broken pictures, which are otherwise left out. `report` is called with (what, done,
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
        raise UserError(f"{len(parts.broken)} broken pictures, the first is '{path}' ({reason}): "
                        "repair or remove them, or leave out --strict")
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
    if entry.read is not None:
        return _arrays(name, entry.read(folder), entry.classes, size, channels, labelled)
    listing = list_folder(folder, labelled)
    parts = _files(name, listing, size, channels, report or _silent)
    if not (labelled and entry.classes):
        return parts
    splits = {key: Pictures(part.image, part.label, entry.classes, part.names)
              for key, part in parts.splits.items()}  # fmt: skip
    return parts._replace(splits=splits)


def _read_path(
    path: Path, size: int | None, channels: int | None, labelled: bool, report: Report
) -> Parts:
    if not path.exists():
        raise unknown(str(path)) if path.parent == Path() else UserError(
            f"'{path}' does not exist: give a folder, a table, or a name such as digits"
        )
    name = path.resolve().stem or "data"
    if path.is_file():
        if path.suffix.lower() not in TABLES:
            raise UserError(f"'{path}' is a single file: give a folder of pictures or a table "
                            f"({', '.join(TABLES)}) with the columns image,label")
        return _files(name, list_table(path, labelled), size, channels, report)
    for folder in (path, path / "raw"):
        if folder.is_dir() and idx_files(folder):
            return _arrays(name, read_idx_folder(folder, labelled), None, size, channels, labelled)
    return _files(name, list_folder(path, labelled), size, channels, report)


def _arrays(
    name: str, splits: dict[str, tuple[Tensor, Tensor | None]], classes: tuple[str, ...] | None,
    size: int | None, channels: int | None, labelled: bool,
) -> Parts:  # fmt: skip
    parts: dict[str, Pictures] = {}
    if classes is None:
        tops = [int(label.max()) for _, label in splits.values() if label is not None and len(label)]
        classes = tuple(str(number) for number in range(max(tops, default=-1) + 1))
    for split in (split for split in ORDER if split in splits):
        image, label = splits[split]
        known = label if labelled else None
        if known is not None and len(known) and int(known.max()) >= len(classes):
            raise UserError(f"'{name}' has the label {int(known.max())} but {len(classes)} classes: "
                            "its files do not belong together")
        names = tuple(f"{split}/{row}" for row in range(len(image)))
        parts[split] = Pictures(resized(image, size, channels), known,
                                classes if labelled else (), names)  # fmt: skip
    train = parts["train"]
    if not len(train):
        raise UserError(f"'{name}' has no training pictures: it needs one at least")
    height, width = splits["train"][0].shape[1:3]
    return Parts(
        name=name,
        splits=parts,
        group=same(train.image),
        fingerprint=digest(*(f"{key} {picture_digest(*splits[key])}" for key in sorted(splits))),
        preprocessing={"size": list(train.size), "channels": train.channels, "fit": "crop"},
        facts={
            "formats": {"array": sum(len(part) for part in parts.values())},
            "modes": {"L" if splits["train"][0].shape[3] == 1 else "RGB": len(train)},
            "width": {"min": width, "median": width, "max": width},
            "height": {"min": height, "median": height, "max": height},
        },
    )


def _files(
    name: str, listing: Listing, size: int | None, channels: int | None, report: Report
) -> Parts:
    digests = file_digests(listing.root, listing.paths, report)
    found = decoded(listing.paths, digests, size, channels, report)
    broken = (*listing.broken,
              *(Broken(listing.names[row], reason) for row, reason in found.broken))  # fmt: skip
    if not found.rows:
        raise UserError(f"none of the {len(broken)} pictures in '{listing.root}' can be read "
                        f"('{broken[0].path}': {broken[0].reason}): are they pictures?")
    label, classes, lost = _remaining(listing, found.rows)
    whole = Pictures(found.image, label, classes, tuple(listing.names[row] for row in found.rows))
    split = [listing.split[row] for row in found.rows]
    splits = {
        key: whole.subset(torch.tensor([row for row, other in enumerate(split) if other == key]))
        for key in ORDER if key in split
    }  # fmt: skip
    if "train" not in splits:
        raise UserError(f"'{listing.root}' has no training picture that can be read: it needs some")
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
    """Labels and classes of the pictures that could be read, and a note for each class that is lost."""
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
        tuple(f"the class '{name}' is left out, since none of its pictures can be read" for name in lost),
    )


def _silent(what: str, done: int, total: int) -> None:
    pass
