"""Which column of a table holds images, labels and splits; nothing is guessed in silence."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from handloom.data.images.listing.folder import NoLabels
from handloom.data.images.listing.nearby import IMAGE
from handloom.data.images.listing.places import LOOKED_AT, Places
from handloom.data.images.listing.walk import is_image
from handloom.data.images.reading import Reading
from handloom.data.io.splits import read_splits
from handloom.data.io.table import (
    Table,
    listed,
    named_column,
    plain_name,
    refuse_absent,
    usual_column,
    with_header_as_row,
)
from handloom.errors import UserError

ID = "id"
LABEL = ("label", "labels", "class", "classes", "class_name", "category", "target")
OWNERS = re.compile(
    r"(patient|subject|person|participant|individual|animal|video|clip|scene|session|study|case)s?"
    r"(_?(id|no|nr|number|name))?$"
)  # what several images are of
ONE_HOT = ("0", "1", "0.0", "1.0")
MOST_ONE_HOT = 1000  # columns


@dataclass(frozen=True)
class Columns:
    """The columns of a table by what they hold, and its cells without a header.

    label: None where there is no such column. split: of each row, as `read_splits` has it, and the
    places of the columns that it is from; group: what `--group` names, None without.
    """

    table: Table
    image: list[str]
    label: list[str] | None
    split: list[str | None] | None
    split_places: tuple[int, ...]
    group: list[str] | None
    notes: tuple[str, ...]

    def others(self) -> dict[str, list[str]]:
        """The columns that hold neither images nor labels nor splits, by their names."""
        taken = [self.image, self.label]
        columns = enumerate(zip(self.table.names, self.table.columns, strict=True))
        return {name: cells for place, (name, cells) in columns
                if name and not any(cells is each for each in taken)
                and place not in self.split_places}  # fmt: skip


def choose_columns(path: Path, table: Table, reading: Reading, labelled: bool = False) -> Columns:
    """The columns that are meant, by the options or by their usual names, in any letter case.

    A first row that names an image is not a header, and of two columns the other holds labels.
    Raises UserError where a column is missing or could be one of several, NoLabels where that of
    images is missing, and `labelled` that of labels too.
    """
    if reading.image_column is None and any(is_image(name) for name in table.names):
        return _without_header(path, with_header_as_row(table), reading)
    _refuse_nested(path, table, reading.image_column)
    asked = {"--image-column": reading.image_column, "--label-column": reading.label_column}
    refuse_absent(path, table, asked)
    image = usual_column(path, table, IMAGE, reading.image_column, "--image-column", "images")
    label = usual_column(path, table, LABEL, reading.label_column, "--label-column", "labels")
    image = _identified(path, table, reading) if image is None else image
    if image is None:
        raise _absent(path, table, labelled and label is None)
    table = _with_plain_paths(table, image)
    splits = read_splits(path, table, reading.splits)
    labels, notes = None if label is None else table.columns[label], tuple[str, ...]()
    if label is None:
        labels, notes = _one_hot(table, {image, *splits.places})
    notes = (*notes, *filter(None, [splits.note]), *_owner_note(table, reading, splits.places))
    group = _group(path, table, reading)
    return Columns(table, table.columns[image], labels, splits.split, splits.places, group, notes)


def _identified(path: Path, table: Table, reading: Reading) -> int | None:
    """The column `id`, as in Kaggle's tables, where the first of its cells are names of files."""
    place = next((n for n, name in enumerate(table.names) if plain_name(name) == ID), None)
    if place is None:
        return None
    files = Places(path, table.columns[place], reading.root)
    are_files = any(files.find(cell)[0] for cell in table.columns[place][:LOOKED_AT])
    return place if are_files else None


def _absent(path: Path, table: Table, also_labels: bool) -> UserError:
    if also_labels:
        return NoLabels(
            f"'{path}' has no columns 'image' and 'label' (it has: {listed(table)}): rename two in "
            "its header, or give --image-column and --label-column"
        )
    return UserError(
        f"'{path}' has no column 'image' (it has: {listed(table)}): rename one in its header, or "
        "give --image-column"
    )


def _refuse_nested(path: Path, table: Table, asked: str | None) -> None:
    """Raises UserError where the column of images holds not paths but the images themselves."""
    if asked in table.names or (asked is None and set(map(plain_name, table.names)) & set(IMAGE)):
        return
    wanted = [name for name in table.nested if name == asked or plain_name(name) in IMAGE]
    if wanted:
        raise UserError(
            f"'{path}' holds the images themselves in its column '{wanted[0]}', and a table names "
            "files: train from Python with handloom.train(JOB, datasets.load_dataset('parquet', "
            f"data_files='{path}', split='train')), or write the images to files"
        )


def _group(path: Path, table: Table, reading: Reading) -> list[str] | None:
    if reading.group is None:
        return None
    return table.columns[named_column(path, table, reading.group, "--group")]


def _owner_note(table: Table, reading: Reading, splits: tuple[int, ...]) -> tuple[str, ...]:
    """A sentence on a column that says which images are of one patient or video, if it is not
    used, where a split is to be taken from the table."""
    if splits or not reading.divides or reading.group is not None:
        return ()
    for name, column in zip(table.names, table.columns, strict=True):
        is_shared = 1 < len(set(column)) <= len(column) / 2
        if is_shared and OWNERS.match(plain_name(name)):
            return (
                f"column '{name}' may say which images belong together: --group {name} keeps them "
                "on one side of the split, without which the figure is optimistic",
            )
    return ()


def _without_header(path: Path, table: Table, reading: Reading) -> Columns:
    images = [place for place, column in enumerate(table.columns) if is_image(column[0])]
    others = [place for place in range(len(table.columns)) if place not in images]
    if len(images) != 1 or len(others) > 1 or reading.label_column is not None:
        raise UserError(
            f"the first row of '{path}' names an image, so it is not a header: add one, such as "
            "image,label"
        )
    table = _with_plain_paths(table, images[0])
    label = table.columns[others[0]] if others else None
    also = f", column {others[0] + 1} holds labels" if others else ""
    note = f"the table has no header: column {images[0] + 1} holds images{also}"
    splits, group = read_splits(path, table, reading.splits), _group(path, table, reading)
    return Columns(table, table.columns[images[0]], label, splits.split, (), group, (note,))


def _with_plain_paths(table: Table, image: int) -> Table:
    """Paths of images without steps that go nowhere: ./a.jpg and b/./c.jpg are a.jpg and b/c.jpg,
    so that an image has the same name on all of its rows."""
    columns = list(table.columns)
    columns[image] = [re.sub(r"(^|/)(?:\./+)+", r"\1", cell) for cell in columns[image]]
    return replace(table, columns=columns)


def _one_hot(table: Table, taken: set[int]) -> tuple[list[str] | None, tuple[str, ...]]:
    """Labels from a column of 0 and 1 for each class, where each row has a single 1."""
    places = [place for place in range(len(table.names)) if place not in taken]
    if not 2 <= len(places) <= MOST_ONE_HOT or not len(table):
        return None, ()
    if not all(cell in ONE_HOT for place in places for cell in table.columns[place]):
        return None, ()
    labels = []
    for row in range(len(table)):
        ones = [place for place in places if table.columns[place][row].startswith("1")]
        if len(ones) != 1:
            return None, ()
        labels.append(table.names[ones[0]])
    return labels, (f"the classes are {len(places)} columns of 0 and 1",)
