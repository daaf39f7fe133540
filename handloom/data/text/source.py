"""Labelled texts from whatever a user has: a table, a folder, a fastText file, a built-in name."""

from pathlib import Path

from handloom.data.io.encoding import check_encoding
from handloom.data.io.names import absent, resolve
from handloom.data.io.storage import data_folder
from handloom.data.io.table import TABLES
from handloom.data.text.file import read_file
from handloom.data.text.folder import read_folder
from handloom.data.text.pydoc import pydoc_passages
from handloom.data.text.rows import Rows, TextReading
from handloom.wording import not_used

OF_TABLES = ("text_column", "target_column", "splits")  # options of reading
NAMED = {"rt-polarity": "text/rt_polarity.csv"}


def set_names() -> tuple[str, ...]:
    """The names of the built-in sets of texts."""
    return ("pydoc", *NAMED)


def read_rows(data: str, reading: TextReading, labelled: bool = True) -> Rows:
    """All rows of a table, a folder with a class in each subfolder, a fastText file, or a name.

    Raises UserError, one sentence, for what does not exist or is not understood.
    """
    if reading.encoding:
        check_encoding(reading.encoding)
    if resolve(data, ("pydoc",)).name:
        text, target = pydoc_passages()
        where = [f"passage {i + 1}" for i in range(len(text))]
        rows = Rows("pydoc", text, target, where=where)
    else:
        path = located(data)
        rows = read_folder(path, reading) if path.is_dir() else read_file(path, reading, labelled)
    if not rows.is_table:
        rows.notes += not_used(vars(reading), OF_TABLES, f"'{data}' is not a table")
    return rows


def located(data: str) -> Path:
    """The path of some data: a local one, or a built-in name's in the data folder."""
    place = resolve(data, ("pydoc", *NAMED))
    path = data_folder() / NAMED[place.name] if place.name in NAMED else place.path
    assert path is not None
    if path.exists():
        return path
    raise absent(
        path,
        f"give a table ({', '.join(TABLES)}, also .gz), a folder with a subfolder of .txt files "
        f"for each class, or a name ({', '.join(('pydoc', *NAMED))})",
    )
