"""Numbers in the shape of an image, from an image file, a .npy or a .csv, and back into one.

Imports no torch.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from handloom.data.io.names import absent
from handloom.errors import UserError
from handloom.wording import pluralize, reason

CHANNELS = (1, 3)
NUMBERS = (".npy", ".csv")
Values = np.ndarray[Any, np.dtype[np.float32]]


class ImageValues(NamedTuple):
    """Numbers of any range, float32 (C, H, W); of an image file they are in [0, 1].

    is_image: read from 8-bit pixels, which cannot be below 0 or above 1. notes: sentences to show.
    """

    values: Values
    is_image: bool
    notes: tuple[str, ...] = ()


def read_values(path: Path) -> ImageValues:
    """One image, or a table of numbers: .npy (H, W) or (H, W, 1 or 3), .csv one row a line.

    Pixels of image files, and of arrays of uint8, are divided by 255; other numbers are taken as
    they are. Raises UserError for what is missing, ragged, not finite, or of another shape.
    """
    if not path.is_file():
        raise absent(path, "give an image, a .npy or a .csv")
    if path.suffix.lower() == ".npy":
        return _of_array(_loaded(path), path)
    if path.suffix.lower() == ".csv":
        return _of_array(_table(path), path)
    return _of_image(path)


def write_values(values: Values, path: Path) -> None:
    """Write (C, H, W) as numbers, .npy (H, W) or (H, W, 3), or .csv of one channel."""
    from handloom.runs.files import write_whole

    array = np.ascontiguousarray(values.transpose(1, 2, 0))
    array = array[:, :, 0] if array.shape[2] == 1 else array
    if path.suffix.lower() == ".npy":
        content = io.BytesIO()
        np.save(content, array)
        write_whole(path, content.getvalue())
        return
    if array.ndim == 3:
        raise UserError(f"'{path}': a .csv holds one channel, not 3; name a .npy")
    rows = "\n".join(",".join(f"{value:.9g}" for value in row) for row in array.tolist())
    write_whole(path, f"{rows}\n".encode())


def _of_image(path: Path) -> ImageValues:
    """The pixels of an image file; one channel of one that is grey."""
    from handloom.data.images.decode import GREY, decode_whole

    image, header = decode_whole(path)
    notes = []
    if header.is_deep:
        notes.append(f"{path} has more than 8 bits, which become 8: a .npy keeps them")
    if header.is_transparent:
        notes.append(f"{path} is transparent in places: it lies over white")
    pixels = np.asarray(image).transpose(2, 0, 1)  # (3, H, W)
    if header.mode in GREY:
        pixels = pixels[:1]
    return ImageValues(_whole(pixels, 255), True, tuple(notes))


def _of_array(array: np.ndarray[Any, Any], path: Path) -> ImageValues:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in CHANNELS):
        shape = "x".join(map(str, array.shape))
        raise UserError(f"'{path}' is an array of {shape}: it must be (H, W), or (H, W, 1 or 3)")
    if not (np.issubdtype(array.dtype, np.number) or array.dtype == bool) or array.size == 0:
        what = "is empty" if array.size == 0 else f"holds no numbers but {array.dtype}"
        raise UserError(f"'{path}' {what}: give an array of numbers")
    if np.iscomplexobj(array) or not np.isfinite(array).all():
        raise UserError(f"'{path}' holds numbers that are not finite or not real: replace them")
    is_pixels = array.dtype == np.uint8
    rows = array.reshape(*array.shape[:2], -1)  # (H, W, C)
    values = _whole(rows.transpose(2, 0, 1), 255 if is_pixels else 1)
    note = f"{path} holds 8-bit pixels: they are divided by 255"
    return ImageValues(values, is_pixels, (note,) if is_pixels else ())


def _whole(numbers: np.ndarray[Any, Any], unit: int) -> Values:
    """As float32 in one piece, divided by `unit`."""
    return np.ascontiguousarray(numbers, np.float32) / np.float32(unit)


def _loaded(path: Path) -> np.ndarray[Any, Any]:
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise UserError(f"'{path}' cannot be read as an array of NumPy: {reason(error)}") from None
    assert isinstance(array, np.ndarray)
    return array


def _table(path: Path) -> np.ndarray[Any, Any]:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    delimiter = next((mark for mark in "\t;," if mark in text), ",")
    lines = [line for line in csv.reader(text.splitlines(), delimiter=delimiter) if line]
    if not lines:
        raise UserError(f"'{path}' is empty: give a row of numbers on each line")
    return np.array([numbers(line, f"'{path}', row {i}", len(lines[0]))
                     for i, line in enumerate(lines, 1)])  # fmt: skip


def numbers(words: list[str], where: str, width: int) -> list[float]:
    """A row of finite numbers, fractions such as 1/9 included.

    where: begins the UserError for a word that is none, or a row that has not `width` of them.
    """
    if len(words) != width:
        raise UserError(
            f"{where} has {pluralize(len(words), 'number')} and the first row {width}: "
            "every row must have as many"
        )
    return [_number(word.strip(), where) for word in words]


def _number(word: str, where: str) -> float:
    above, slash, below = word.partition("/")
    try:
        value = float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError):
        raise UserError(f"{where}: '{word}' is not a number, such as -1, 0.5 or 1/9") from None
    if not math.isfinite(value):
        raise UserError(f"{where}: '{word}' is not a finite number")
    return value
