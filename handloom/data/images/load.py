"""`load`: from a name, a folder or a table to images in splits."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from handloom.data.images.brightness import brightness
from handloom.data.images.dataset import DataSet
from handloom.data.images.divide import RawDataSet, Sides, divide
from handloom.data.images.listing.folder import list_folder
from handloom.data.images.listing.paths import array_folder, check_exists, list_path
from handloom.data.images.named.arrays import from_arrays
from handloom.data.images.named.catalog import CATALOG
from handloom.data.images.named.idx import read_idx_folder
from handloom.data.images.named.sets import located, place_of, read_arrays
from handloom.data.images.reading import Preprocessing, Reading, Shape
from handloom.data.io.progress import ReportProgress
from handloom.data.io.table import is_table
from handloom.errors import UserError
from handloom.wording import not_used, pluralize

MOST_SIZE = 4096  # pixels
OF_TABLES = ("image_column", "label_column", "root")  # options of reading
OF_FILES = ("splits", "group")


def load(
    data: str | Path,
    reading: Reading | None = None,
    *,
    size: int | None = None,
    channels: int | None = None,
    validation: float | None = None,
    seed: int = 0,
    strict: bool = False,
    labelled: bool = True,
    report: ReportProgress | None = None,
    preprocessing: Preprocessing | None = None,
    sides: Sides | None = None,
) -> DataSet:
    """Images from a name of the catalog, a folder, a table, or a folder of IDX files.

    `reading`: how folders and tables are read. `size`: pixels of each side; None keeps a named
    set's own, and means 64 for files, or less where they are smaller. `channels`: 1 or 3; None
    means 1 if all images are grey. `validation`: the share of the training images that validates, 0
    for none; None means 0.2, at most 5,000; a set's own validation split wins. `labelled` False
    asks for no labels and returns none. `strict` refuses broken images, which are otherwise left
    out. `report` is called with (what, done, total). `preprocessing`: an encoder's, in place of
    size and channels; its fit gives way to that of `reading`. `sides`: as of `divide`. Raises
    UserError, one sentence, for all that a user can mend; NoLabels where labels are asked for and
    there are none.
    """
    _check(size, channels, validation)
    reading = replace(reading or Reading(), divides=validation != 0)
    if preprocessing is not None:
        shape = Shape.of_encoder(preprocessing, reading)
    else:
        side = None if size is None else (size, size)
        shape = Shape(side, channels, reading.fit, reading.background)
    raw = read(data, reading, shape, labelled, report)
    if strict and raw.broken:
        raise refused(raw)
    raw = raw._replace(notes=(*raw.notes, *_unused(data, reading, validation, raw)))
    data_set = divide(raw, validation, seed, reading.duplicates, sides)
    seen = brightness(data_set.train.image)
    return replace(data_set, preprocessing=data_set.preprocessing | {"brightness": seen})


def load_for_run(
    data: str | Path,
    preprocessing: Preprocessing,
    reading: Reading | None = None,
    *,
    strict: bool = False,
    labelled: bool = True,
    report: ReportProgress | None = None,
) -> DataSet:
    """Images as a run takes them, by the `preprocessing` in its config.json, in their own splits.

    Nothing is taken for validation; one class is enough; `train` is empty where there is a test or
    validation split alone; a `group` of arrays is refused. Otherwise as `load`.
    """
    reading = reading or Reading()
    raw = read(data, reading, Shape.of_run(preprocessing), labelled, report)
    if strict and raw.broken:
        raise refused(raw)
    if reading.group is not None and raw.key is None:
        raise UserError(
            f"--group {reading.group}: '{data}' comes as arrays, which do not say what belongs "
            "together: leave it out"
        )
    return replace(divide(raw, 0.0, 0, "ignore"), notes=raw.notes)


def read(
    data: str | Path, reading: Reading, shape: Shape, labelled: bool, report: ReportProgress | None
) -> RawDataSet:
    """The set in its own splits, not yet divided; as `load`."""
    place = place_of(data)
    if place.name is not None:
        raw = _read_named(place.name, reading, shape, labelled, report)
        return raw._replace(notes=(*filter(None, [place.note]), *raw.notes))
    assert place.path is not None
    raw = _read_path(place.path, reading, shape, labelled, report or _silent)
    sentences = raw.interpretation.sentences() if raw.interpretation else ()
    return raw._replace(notes=(*sentences, *raw.notes))


def refused(raw: RawDataSet) -> UserError:
    """The error for broken images under `strict`."""
    path, reason = raw.broken[0]
    return UserError(
        f"{pluralize(len(raw.broken), 'broken image')}, the first is '{path}' ({reason}): "
        "repair or remove them, or leave out --strict"
    )


def _unused(
    data: str | Path, reading: Reading, validation: float | None, raw: RawDataSet
) -> Iterator[str]:
    """Sentences on options that were given and do nothing for such data."""
    if validation and "valid" in raw.splits:
        yield f"--validation {validation:g} is not used: the data have a validation split"
    path = place_of(data).path
    if path is None or not is_table(path):
        yield from not_used(vars(reading), OF_TABLES, f"'{data}' is not a table")
    if raw.key is None:
        yield from not_used(vars(reading), OF_FILES, f"'{data}' comes as arrays")
    elif path is None:
        yield from not_used(vars(reading), ("splits",), f"'{data}' has splits of its own")


def _check(size: int | None, channels: int | None, validation: float | None) -> None:
    if size is not None and not 1 <= size <= MOST_SIZE:
        raise UserError(f"the size {size} is out of range: give 1 to {MOST_SIZE} pixels")
    if channels not in (None, 1, 3):
        raise UserError(f"{channels} channels are not possible: give 1 (grey) or 3 (colour)")
    if validation is not None and not 0 <= validation < 1:
        raise UserError(
            f"the validation share {validation} is out of range: give at least 0 and less than 1"
        )


def _read_named(
    name: str, reading: Reading, shape: Shape, labelled: bool, report: ReportProgress | None
) -> RawDataSet:
    entry = CATALOG[name]
    folder = located(name, report)
    splits = read_arrays(name, folder)
    if splits is not None:
        return from_arrays(name, splits, entry.classes, shape, labelled)
    from handloom.data.images.files import read_files

    listing = list_folder(folder, labelled)
    raw = read_files(name, listing, shape, reading.group, report or _silent)
    if not (labelled and entry.classes):
        return raw
    renamed = {key: replace(part, classes=entry.classes) for key, part in raw.splits.items()}
    return raw._replace(splits=renamed)


def _read_path(
    path: Path, reading: Reading, shape: Shape, labelled: bool, report: ReportProgress
) -> RawDataSet:
    from handloom.data.images.files import read_files  # Pillow takes 20 ms, which arrays do without

    check_exists(path)
    name = path.resolve().stem or "data"
    folder = array_folder(path)
    if folder is not None:
        return from_arrays(name, read_idx_folder(folder, labelled), None, shape, labelled)
    return read_files(name, list_path(path, reading, labelled), shape, reading.group, report)


def _silent(what: str, done: int, total: int) -> None:
    pass
