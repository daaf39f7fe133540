"""All images a user names for a finished run: files, folders, tables and built-in sets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import torch
from torch import Tensor

from handloom.data.images.dataset import Broken, DataSet, Images
from handloom.data.images.listing.paths import array_folder, expanded, is_single
from handloom.data.images.load import load_for_run
from handloom.data.images.named.sets import place_of
from handloom.data.images.reading import Preprocessing, Reading, Shape
from handloom.data.io.progress import ReportProgress
from handloom.errors import UserError


@dataclass(frozen=True)
class Inputs:
    """Images as a run sees them, and what is known of each.

    `names` are the files as they were named, or paths below the folders that were, or the cells of
    a table, or "mnist/test/12". `labels` and `splits` are None where unknown. `broken` are inputs
    that cannot be read, with reasons; `notes` are sentences to show; `digests` are those of the
    contents of files that stand in a folder or a table, None of others and of arrays; `given` are
    the other columns of a table, by name, empty without.
    """

    image: Tensor  # uint8 (N, H, W, C)
    names: tuple[str, ...] = ()
    labels: tuple[str | None, ...] = ()
    splits: tuple[str | None, ...] = ()
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()
    digests: tuple[str | None, ...] = ()
    given: tuple[Mapping[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def load_inputs(
    given: Iterable[str | Path],
    preprocessing: Preprocessing,
    reading: Reading | None = None,
    report: ReportProgress | None = None,
    *,
    whole: bool = False,
) -> Inputs:
    """All that is named, in order: of a folder or a table every image of every split, of a built-in
    set its test split, or all of it (whole).

    A pattern such as 'new/*.jpg' that the shell has not expanded is expanded. Nothing that cannot
    be read stops the rest. Raises UserError for an empty argument, for what does not exist, and for
    a folder without images.
    """
    reading, report = reading or Reading(), report or _silent
    paths = [path for entry in given for path in expanded(entry)]
    loaded: list[Inputs] = []
    for is_file, group in groupby(paths, is_single):
        if is_file:
            loaded.append(_from_files(list(group), preprocessing))
        else:
            loaded += [_from_set(path, preprocessing, reading, report, whole) for path in group]
    height, width = preprocessing["size"]
    empty = torch.empty(0, height, width, preprocessing["channels"], dtype=torch.uint8)
    images = [some.image for some in loaded]
    return Inputs(
        images[0] if len(images) == 1 else torch.cat([empty, *images]),
        tuple(name for some in loaded for name in some.names),
        tuple(label for some in loaded for label in some.labels),
        tuple(split for some in loaded for split in some.splits),
        tuple(broken for some in loaded for broken in some.broken),
        tuple(dict.fromkeys(note for some in loaded for note in some.notes)),
        tuple(digest for some in loaded for digest in some.digests),
        tuple(cells for some in loaded for cells in some.given or ({},) * len(some)),
    )


def _from_files(given: Sequence[str | Path], preprocessing: Preprocessing) -> Inputs:
    from handloom.data.images.decode import Undecodable, decode

    images, names, broken = [], [], []
    for path in given:
        try:
            images.append(decode(Path(path).expanduser(), preprocessing))
            names.append(str(path))
        except Undecodable as error:
            broken.append(Broken(str(path), error.reason))
    shape = (0, *preprocessing["size"], preprocessing["channels"])
    image = torch.stack(images) if images else torch.empty(shape, dtype=torch.uint8)
    nothing = (None,) * len(names)
    return Inputs(image, tuple(names), nothing, nothing, tuple(broken), digests=nothing)


def _from_set(
    given: str | Path, preprocessing: Preprocessing, reading: Reading, report: ReportProgress,
    whole: bool,
) -> Inputs:  # fmt: skip
    path = place_of(given).path
    if path is None or array_folder(path) is not None:
        return _from_arrays(str(given), path is None, preprocessing, report, whole)
    from handloom.data.images.decoded import decode_files
    from handloom.data.images.listing.input_files import files_below

    files = files_below(given, path, reading, report)
    decoded = decode_files(files.paths, files.digests, Shape.of_run(preprocessing), report)
    undecodable = (Broken(files.names[row], reason) for row, reason in decoded.broken)
    return Inputs(
        decoded.image,
        tuple(files.names[row] for row in decoded.rows),
        tuple(files.labels[row] for row in decoded.rows),
        tuple(files.splits[row] for row in decoded.rows),
        (*files.broken, *undecodable),
        files.notes,
        tuple(files.digests[row] for row in decoded.rows),
        tuple(files.given[row] for row in decoded.rows),
    )


def _from_arrays(
    given: str, is_named: bool, preprocessing: Preprocessing, report: ReportProgress, whole: bool
) -> Inputs:
    """A built-in set: its test split, where it has one, unless the whole is asked for; a folder of
    IDX files: all splits."""
    data = _arrays(given, preprocessing, report)
    has_test = is_named and data.test is not None and not whole
    splits = {"test": data.test} if has_test and data.test is not None else data.splits
    names = [name for images in splits.values() for name in images.names]
    return Inputs(
        torch.cat([images.image for images in splits.values()]),
        tuple(name if is_named else f"{given}/{name}" for name in names),
        tuple(label for images in splits.values() for label in _class_of_each(images)),
        tuple(split for split, images in splits.items() for _ in range(len(images))),
        (),
        data.notes if is_named else (),
        (None,) * len(names),
    )


def _class_of_each(images: Images) -> list[str | None]:
    if images.label is None:
        return [None] * len(images)
    return [images.classes[number] for number in images.label.tolist()]


def _arrays(given: str, preprocessing: Preprocessing, report: ReportProgress) -> DataSet:
    try:
        return load_for_run(given, preprocessing, report=report)
    except UserError:  # images without a file of labels
        return load_for_run(given, preprocessing, labelled=False, report=report)


def _silent(what: str, done: int, total: int) -> None:
    pass
