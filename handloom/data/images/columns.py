"""Which column of a table holds images, labels and splits; nothing is guessed in silence."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from handloom.data.images.reading import Reading
from handloom.data.images.walk import is_image
from handloom.data.io.splits import FLAGS
from handloom.data.io.table import Table, with_header_as_row
from handloom.errors import UserError
from handloom.wording import join_and

IMAGE = ("image", "images", "img", "file", "files", "filename", "file_name", "path", "filepath",
         "file_path", "image_path", "image_file", "image_name", "image_id")  # fmt: skip
LABEL = ("label", "labels", "class", "classes", "class_name", "category", "target")
SPLIT = ("split", "set", "subset", "partition")
ONE_HOT = ("0", "1", "0.0", "1.0")
MOST_ONE_HOT = 1000  # columns


@dataclass(frozen=True)
class Columns:
    """The columns of a table by what they hold, and its cells without a header.

    label: None where there is no such column. split: place of a column of splits, None without; of
    one such as `is_valid`, `flag` is the split that it marks.
    """

    table: Table
    image: list[str]
    label: list[str] | None
    split: int | None
    flag: str | None
    notes: tuple[str, ...]


def choose_columns(path: Path, table: Table, reading: Reading) -> Columns:
    """The columns that are meant, by the options or by their usual names, in any letter case.

    A first row that names an image is not a header, and of two columns the other holds labels.
    Raises UserError where a column is missing or could be one of several.
    """
    if reading.image_column is None and any(is_image(name) for name in table.names):
        return _without_header(path, with_header_as_row(table), reading)
    _refuse_nested(path, table, reading.image_column)
    image = _column(path, table, IMAGE, reading.image_column, "--image-column", "images")
    if image is None:
        raise UserError(
            f"'{path}' has no column 'image' (it has: {', '.join(table.names) or 'none'}): rename "
            "one in its header, or give --image-column"
        )
    table = _with_plain_paths(table, image)
    label = _column(path, table, LABEL, reading.label_column, "--label-column", "labels")
    split, flag = _split(path, table)
    if label is None:
        labels, notes = _one_hot(table, {image, split})
        return Columns(table, table.columns[image], labels, split, flag, notes)
    return Columns(table, table.columns[image], table.columns[label], split, flag, ())


def _refuse_nested(path: Path, table: Table, asked: str | None) -> None:
    """Raises UserError where the column of images holds not paths but the images themselves."""
    if asked in table.names or (asked is None and set(map(_plain, table.names)) & set(IMAGE)):
        return
    wanted = [name for name in table.nested if name == asked or _plain(name) in IMAGE]
    if wanted:
        raise UserError(
            f"'{path}' holds the images themselves in its column '{wanted[0]}', and a table names "
            "files: train from Python with handloom.train(JOB, datasets.load_dataset('parquet', "
            f"data_files='{path}', split='train')), or write the images to files"
        )


def _column(
    path: Path, table: Table, usual: tuple[str, ...], asked: str | None, option: str, what: str
) -> int | None:
    if asked is not None:
        places = [place for place, name in enumerate(table.names) if name == asked]
        if len(places) != 1:
            count = "no column" if not places else f"{len(places)} columns"
            raise UserError(
                f"{option} {asked}: '{path}' has {count} of that name (it has: "
                f"{', '.join(table.names)}): name one of them"
            )
        return places[0]
    places = [place for place, name in enumerate(table.names) if _plain(name) in usual]
    if len(places) > 1:
        names = join_and([f"'{table.names[place]}'" for place in places])
        raise UserError(
            f"'{path}' has {len(places)} columns that may hold {what} ({names}): say which with "
            f"{option}, and rename one if both have the same name"
        )
    return places[0] if places else None


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def _split(path: Path, table: Table) -> tuple[int | None, str | None]:
    known = [place for place, name in enumerate(table.names) if _plain(name) in (*SPLIT, *FLAGS)]
    if len(known) > 1:
        names = join_and([f"'{table.names[place]}'" for place in known])
        raise UserError(f"'{path}' has several columns of splits ({names}): keep one")
    if not known:
        return None, None
    return known[0], FLAGS.get(_plain(table.names[known[0]]))


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
    return Columns(table, table.columns[images[0]], label, None, None, (note,))


def _with_plain_paths(table: Table, image: int) -> Table:
    """Paths of images without steps that go nowhere: ./a.jpg and b/./c.jpg are a.jpg and b/c.jpg,
    so that an image has the same name on all of its rows."""
    columns = list(table.columns)
    columns[image] = [re.sub(r"(^|/)(?:\./+)+", r"\1", cell) for cell in columns[image]]
    return replace(table, columns=columns)


def _one_hot(table: Table, taken: set[int | None]) -> tuple[list[str] | None, tuple[str, ...]]:
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
