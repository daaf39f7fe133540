"""Image files listed in a CSV or Parquet table with the columns image and label."""

import csv
from pathlib import Path

from handloom.data.images.dataset import Broken
from handloom.data.images.listing import ORDER, SPLITS, Listing, one_class
from handloom.errors import UserError

Column = list[str]
KNOWN = ("image", "label", "split", "text", "target")


def list_table(path: Path, labelled: bool) -> Listing:
    """The images a table names; paths are relative to its folder, labels are any strings.

    A column `split` (train, valid, test) is followed if there is one. Relative paths may not leave
    the table's folder; absolute ones are taken as they stand, since whoever wrote them meant them.
    """
    columns = read_columns(path)
    _check(path, columns, labelled)
    split = [_split(path, value) for value in columns.get("split", [])] or ["train"] * len(
        columns["image"]
    )
    kinds = columns["label"] if labelled else []
    rows, broken = [], []
    for row, name in enumerate(columns["image"]):
        reason = _refusal(path.parent, name) or (
            "its label is empty" if labelled and not kinds[row] else ""
        )
        if reason:
            broken.append(Broken(name, reason))
        else:
            rows.append(row)
    if not rows:
        raise UserError(
            f"none of the {len(broken)} images in '{path}' can be used ('{broken[0].path}': "
            f"{broken[0].reason}): paths are relative to the folder of the table"
        )
    rows.sort(key=lambda row: ORDER.index(split[row]))
    return _listing(path, columns["image"], rows, split, kinds, broken)


def _listing(
    path: Path,
    images: Column,
    rows: list[int],
    split: list[str],
    kinds: Column,
    broken: list[Broken],
) -> Listing:
    classes = tuple(sorted({kinds[row] for row in rows})) if kinds else ()
    if kinds and len(classes) < 2:
        raise one_class(path, classes[0])
    number = {name: place for place, name in enumerate(classes)}
    return Listing(
        root=path.parent,
        paths=tuple(path.parent / images[row] for row in rows),
        names=tuple(images[row] for row in rows),
        split=tuple(split[row] for row in rows),
        label=tuple(number[kinds[row]] for row in rows) if kinds else None,
        classes=classes,
        broken=tuple(broken),
    )


def read_columns(path: Path, encoding: str = "utf-8-sig") -> dict[str, Column]:
    """The columns of a CSV or Parquet table as strings, stripped; names in small letters.

    Of a Parquet table only the columns that Handloom knows are read.
    """
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return _read_parquet(path)
        return _read_csv(path, encoding)
    except UserError:
        raise
    except (OSError, ValueError, csv.Error) as error:  # pyarrow's errors are ValueErrors
        reason = " ".join(str(error).split())[:120]
        raise UserError(
            f"'{path}' cannot be read as a table ({reason}): save it again as UTF-8 CSV or Parquet"
        ) from None


def _read_csv(path: Path, encoding: str) -> dict[str, Column]:
    csv.field_size_limit(1 << 24)  # a long text is no mistake; csv's own limit is 128 KiB
    with path.open(encoding=encoding, newline="") as file:
        start = file.readline()
        file.seek(0)
        delimiter = max(",;\t", key=start.count)  # spreadsheets write ; where the comma is decimal
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        names = [name.strip().lower() for name in next(rows, [])]
        columns: dict[str, Column] = {name: [] for name in names}
        for row in rows:
            if not row:
                continue
            if len(row) != len(names):
                raise UserError(
                    f"line {rows.line_num} of '{path}' has {len(row)} fields, the header "
                    f"has {len(names)}: put values with commas in quotation marks"
                )
            for name, value in zip(names, row, strict=True):
                columns[name].append(value.strip())
    return columns


def _read_parquet(path: Path) -> dict[str, Column]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise UserError(f"'{path}' needs pyarrow to be read: pip install pyarrow") from None
    names = parquet.read_schema(path).names
    wanted = [name for name in names if name.lower() in KNOWN]
    table = parquet.read_table(path, columns=wanted)
    return {
        name.lower(): [
            "" if value is None else str(value).strip() for value in table[name].to_pylist()
        ]
        for name in wanted
    } | {name.lower(): [] for name in names if name not in wanted}


def _check(path: Path, columns: dict[str, Column], labelled: bool) -> None:
    for name in ("image", "label") if labelled else ("image",):
        if name not in columns:
            has = ", ".join(columns) or "none"
            raise UserError(
                f"'{path}' has no column '{name}' (it has: {has}): rename one in its header"
            )
    if not columns["image"]:
        raise UserError(f"'{path}' has no rows: it needs one line for each image")


def _split(path: Path, value: str) -> str:
    if value.lower() not in SPLITS:
        raise UserError(f"'{path}' names the split '{value}': use train, valid or test")
    return SPLITS[value.lower()]


def _refusal(folder: Path, name: str) -> str:
    if not name:
        return "its path is empty"
    if "\0" in name:
        return "its path has a zero byte"
    path = Path(name)
    if not path.is_absolute() and ".." in path.parts:
        return "its path leaves the folder of the table"
    return "" if (folder / path).is_file() else "no such file"
