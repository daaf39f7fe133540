"""A folder of texts: a subfolder of .txt files for each class, tables for each split, or both in
split folders, as in aclImdb/train/pos/0_9.txt."""

from pathlib import Path

from handloom.data.images.listing.walk import is_system
from handloom.data.io.encoding import bare_suffix, read_text
from handloom.data.io.labels import read_labels
from handloom.data.io.splits import split_of
from handloom.data.io.table import ARRAY, is_table
from handloom.data.text.file import is_hidden, read_file, text_files
from handloom.data.text.rows import Rows, TextReading, joined
from handloom.errors import UserError
from handloom.wording import join_and, pluralize

UNLABELLED = ("unsup", "unlabeled", "unlabelled", "unsupervised")


def read_folder(folder: Path, reading: TextReading) -> Rows:
    """All texts below a folder, with class and split.

    Folders named like splits hold classes; other names are classes. A UserError names both groups
    where some names mean splits and others do not.
    """
    below = _subfolders(folder)
    if _is_wrapper(folder, below):
        return read_folder(below[0], reading)
    splits = [path for path in below if split_of(path.name)]
    classes = [path for path in below if not split_of(path.name) and _texts(path)]
    if splits and classes:
        raise UserError(
            f"in '{folder}' {_named(splits)} mean splits and {_named(classes)} do not: move one "
            "group elsewhere, or train on one folder and name the other with --valid or --test"
        )
    if splits:
        return _of_splits(folder, splits, reading)
    tables = [path for path in sorted(folder.iterdir()) if path.is_file() and _is_part(path)]
    if not classes and any(split_of(_stem(path)) for path in tables):
        return _of_tables(folder, tables, reading)
    if not classes:
        raise UserError(
            f"'{folder}' holds no labelled texts: give a subfolder of .txt files for "
            "each class, tables named train, valid and test, or name one table"
        )
    return _of_classes(folder, classes, None, reading)


def _is_part(path: Path) -> bool:
    """Whether a file of a folder may be a table of a split; JSON often describes the others."""
    return is_table(path) and (bare_suffix(path) != ARRAY or bool(split_of(_stem(path))))


def read_plain(folder: Path, encoding: str | None) -> Rows:
    """Every .txt file below a folder as a text without a class, in the order of their paths."""
    files = text_files(folder)
    if not files:
        raise UserError(f"'{folder}' holds no .txt file: give texts, a table, or a folder of texts")
    where = [str(file.relative_to(folder)) for file in files]
    text = [read_text(file, encoding).strip() for file in files]
    return Rows(folder.name, text, None, where=where)


def _of_splits(folder: Path, splits: list[Path], reading: TextReading) -> Rows:
    sources, notes = [], []
    for path in splits:
        classes = [below for below in _subfolders(path) if _texts(below)]
        if classes:
            sources.append(_of_classes(path, classes, split_of(path.name), reading))
        elif files := _texts(path):
            notes.append(f"left out '{path.name}': {pluralize(len(files), 'text')} without a class")
    if not sources:
        raise UserError(f"'{folder}' holds splits without classes: give each class a subfolder")
    rows = joined(sources, folder.resolve().name)
    rows.notes += notes
    return rows


def _of_classes(folder: Path, classes: list[Path], split: str | None, reading: TextReading) -> Rows:
    """The texts of class folders; one named `unsup`, beside others, has no labels."""
    rows = Rows(folder.resolve().name, [], [])
    target = []
    rows.notes += _left_out(folder, classes)
    for path in classes:
        files = _texts(path)
        if path.name.casefold() in UNLABELLED and len(classes) > 2:
            rows.notes.append(f"left out '{path.name}': {pluralize(len(files), 'unlabelled text')}")
            continue
        rows.text += [read_text(file, reading.encoding).strip() for file in files]
        rows.where += [str(file.relative_to(folder.parent)) for file in files]
        target += [path.name] * len(files)
    rows.target, notes = read_labels(target, folder, "class")  # who names a folder means it
    rows.notes += notes
    rows.split = None if split is None else [split] * len(target)
    return rows


def _of_tables(folder: Path, tables: list[Path], reading: TextReading) -> Rows:
    """train.csv, valid.csv and test.csv of one folder; other tables are named and left out."""
    sources, notes = [], []
    for path in tables:
        split = split_of(_stem(path))
        if split is None:
            notes.append(f"left out '{path.name}', which is not named like a split")
            continue
        try:
            source = read_file(path, reading)
        except UserError as error:
            if split == "train":
                raise
            notes.append(f"left out '{path.name}': {error}")
            continue
        source.split = [split] * len(source.text)
        source.where = [f"{path.name}, {where}" for where in source.where]
        sources.append(source)
    rows = joined(sources, folder.resolve().name)
    rows.notes += notes
    return rows


def _subfolders(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and not is_system(path.name)]


def _texts(folder: Path) -> list[Path]:
    """The .txt files of a class, to any depth; UserError for a split inside it."""
    texts = text_files(folder)
    inside = {path.relative_to(folder).parts[0] for path in texts if path.parent != folder}
    split = next((name for name in sorted(inside) if split_of(name) in ("valid", "test")), None)
    if split is not None and not split_of(folder.name):
        raise UserError(
            f"'{folder}' holds the split '{split}': put the class folders into the split folders, "
            f"as in {split}/{folder.name}"
        )
    return texts


def _is_wrapper(folder: Path, below: list[Path]) -> bool:
    """Whether a folder holds one folder alone, and that one folders: as an archive leaves it."""
    if len(below) != 1 or split_of(below[0].name) or _files(folder):
        return False
    return not _files(below[0]) and bool(_subfolders(below[0]))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]


def _left_out(folder: Path, classes: list[Path]) -> list[str]:
    """Sentences on files of class folders that are not .txt, and on folders without such files."""
    notes = []
    others = sum(len(_all_files(path)) - len(_texts(path)) for path in classes)
    if others:
        notes.append(f"passed over {pluralize(others, 'file')} without the suffix .txt")
    empty = [path for path in _subfolders(folder) if path not in classes]
    if empty:
        notes.append(f"left out {_named(empty)}: no .txt file there")
    return notes


def _all_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not is_hidden(path, folder)]


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _named(paths: list[Path]) -> str:
    return join_and([f"'{path.name}'" for path in paths[:6]])
