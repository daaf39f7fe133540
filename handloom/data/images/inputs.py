"""All images a user names for a finished run: files, folders, tables and built-in sets."""

import glob
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from handloom.data.images.dataset import Broken, DataSet, Report
from handloom.data.images.listing import UNLABELLED, Listing, NoLabels
from handloom.data.images.load import array_folder, check_exists, list_path, load_for_run
from handloom.data.images.named import place_of
from handloom.data.images.reading import Reading, Shape
from handloom.data.images.walk import is_image
from handloom.data.io.table import is_table
from handloom.errors import UserError


@dataclass(frozen=True)
class Inputs:
    """Images as a run sees them, and what is known of each.

    `names` are the files as they were named, or paths below the folders that were, or the cells of
    a table, or "mnist/test/12". `labels` and `splits` are None where unknown. `broken` are inputs
    that cannot be read, with reasons; `notes` are sentences to show.
    """

    image: Tensor  # uint8 (N, H, W, C)
    names: tuple[str, ...] = ()
    labels: tuple[str | None, ...] = ()
    splits: tuple[str | None, ...] = ()
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def load_inputs(
    given: Iterable[str | Path],
    preprocessing: Mapping[str, Any],
    reading: Reading | None = None,
    report: Report | None = None,
) -> Inputs:
    """All that is named, in order: of a folder or a table every image of every split, of a built-in
    set its test split.

    A pattern such as 'new/*.jpg' that the shell has not expanded is expanded. Nothing that cannot
    be read stops the rest. Raises UserError for an empty argument, for what does not exist, and for
    a folder without images.
    """
    known, parts = reading or Reading(), []
    expanded = [each for one in given for each in _expanded(one)]
    for is_file, group in groupby(expanded, _is_single):
        if is_file:
            parts.append(_from_files(list(group), preprocessing))
        else:
            parts += [_from_set(one, preprocessing, known, report or _silent) for one in group]
    height, width = preprocessing["size"]
    empty = torch.empty(0, height, width, preprocessing["channels"], dtype=torch.uint8)
    return Inputs(
        torch.cat([empty, *(part.image for part in parts)]) if len(parts) != 1 else parts[0].image,
        tuple(name for part in parts for name in part.names),
        tuple(label for part in parts for label in part.labels),
        tuple(split for part in parts for split in part.splits),
        tuple(entry for part in parts for entry in part.broken),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _expanded(given: str | Path) -> Iterator[str | Path]:
    place = place_of(given)
    if place.path is None or place.path.exists():
        yield given
        return
    matches = sorted(glob.glob(str(place.path))) if glob.has_magic(str(place.path)) else []
    if not matches and is_image(place.path.name):
        raise UserError(f"'{given}' does not exist: give an image, a folder, a table, or a name")
    if not matches:
        check_exists(place.path)
    yield from matches


def _is_single(given: str | Path) -> bool:
    path = place_of(given).path
    return path is not None and path.is_file() and not is_table(path)


def _from_files(given: Sequence[str | Path], preprocessing: Mapping[str, Any]) -> Inputs:
    from handloom.data.images.decode import Undecodable, decode

    images, names, broken = [], [], []
    for one in given:
        try:
            images.append(decode(Path(one).expanduser(), preprocessing))
            names.append(str(one))
        except Undecodable as error:
            broken.append(Broken(str(one), error.reason))
    shape = (0, *preprocessing["size"], preprocessing["channels"])
    image = torch.stack(images) if images else torch.empty(shape, dtype=torch.uint8)
    nothing = (None,) * len(names)
    return Inputs(image, tuple(names), nothing, nothing, tuple(broken))


def _from_set(
    given: str | Path, preprocessing: Mapping[str, Any], reading: Reading, report: Report
) -> Inputs:
    path = place_of(given).path
    if path is None or array_folder(path) is not None:
        return _from_arrays(str(given), path is None, preprocessing, report)
    listing = _listed(path, reading)
    from handloom.data.images.decoded import decoded
    from handloom.data.images.files import broken_of
    from handloom.data.io.digest import file_digests

    digests = file_digests(listing.root, listing.paths, report)
    found = decoded(listing.paths, digests, Shape.of_run(preprocessing), report)
    before = f"{str(given).rstrip('/')}/" if path.is_dir() else ""
    has_splits = len(set(listing.split)) > 1
    return Inputs(
        found.image,
        tuple(before + listing.names[row] for row in found.rows),
        tuple(_label(listing, row) for row in found.rows),
        tuple(listing.split[row] if has_splits else None for row in found.rows),
        tuple(Broken(before + name, reason) for name, reason in broken_of(listing, found)),
        listing.notes,
    )


def _listed(path: Path, reading: Reading) -> Listing:
    """With labels where there are any; without where folders do not say which they are."""
    try:
        return list_path(path, reading, labelled=True)
    except NoLabels:
        return list_path(path, reading, labelled=False)
    except UserError:
        if path.is_dir() and reading.splits is None:
            return list_path(path, Reading(splits="none"), labelled=False)
        raise


def _label(listing: Listing, row: int) -> str | None:
    if listing.label is None or listing.label[row] == UNLABELLED:
        return None
    return listing.classes[listing.label[row]]


def _from_arrays(
    given: str, is_named: bool, preprocessing: Mapping[str, Any], report: Report
) -> Inputs:
    """A built-in set: its test split, where it has one; a folder of IDX files: all splits."""
    data = _arrays(given, preprocessing, report)
    has_test = is_named and data.test is not None
    splits = {"test": data.test} if has_test and data.test is not None else data.splits
    parts = [(split, part) for split, part in splits.items() if part is not None]
    return Inputs(
        torch.cat([part.image for _, part in parts]),
        tuple(name if is_named else f"{given}/{name}" for _, part in parts for name in part.names),
        tuple(None if part.label is None else part.classes[int(part.label[row])]
              for _, part in parts for row in range(len(part))),
        tuple(split for split, part in parts for _ in range(len(part))),
        (),
        data.notes if is_named else (),
    )  # fmt: skip


def _arrays(given: str, preprocessing: Mapping[str, Any], report: Report) -> DataSet:
    try:
        return load_for_run(given, preprocessing, report=report)
    except UserError:  # images without a file of labels
        return load_for_run(given, preprocessing, labelled=False, report=report)


def _silent(what: str, done: int, total: int) -> None:
    pass
