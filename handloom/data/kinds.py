"""Which kind of data a folder, a file or a name is: images, labelled texts or running text."""

import os
from pathlib import Path
from typing import Literal

from handloom.data.images.listing.walk import is_image
from handloom.data.io.names import resolve
from handloom.data.io.table import is_table
from handloom.data.text import corpus, source
from handloom.data.text.file import is_fasttext

DataKind = Literal["images", "texts", "corpus"]


def kinds_of(data: str) -> tuple[DataKind, ...]:
    """The kinds that data may be, in the order to be tried; what is not known may be images.

    A table may hold images or texts. A folder without any image holds labelled texts, or else
    running text. A .txt file is running text, unless it begins with fastText's __label__.
    """
    name = resolve(data, (*source.set_names(), *corpus.set_names())).name
    if name is not None:
        return ("texts",) if name in source.set_names() else ("corpus",)
    path = Path(data).expanduser()
    if path.is_dir():
        return _of_folder(path)
    if is_table(path):
        return ("images", "texts")
    if path.is_file() and path.suffix.lower() == ".txt":
        return ("texts",) if is_fasttext(path) else ("corpus",)
    return ("images",)


def _of_folder(folder: Path) -> tuple[DataKind, ...]:
    has_texts = False
    for _, _, files in os.walk(folder):
        if any(map(is_image, files)):
            return ("images",)
        has_texts = has_texts or any(name.lower().endswith(".txt") for name in files)
    tables = any(is_table(path) for path in folder.iterdir())
    return ("texts", "corpus") if has_texts else ("images", "texts") if tables else ("images",)
