"""Python objects as files: images, sets of them, tables; named by their content.

What comes in from Python takes the same way as what comes in from a disk, so that the same rules
hold for both. A set that is trained on stays in the cache, which is how `resume` finds it again.
"""

import hashlib
import io
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from handloom.data.io.storage import cache_folder
from handloom.errors import UserError
from handloom.runs.files import write_whole


def input_names(inputs: Any) -> tuple[list[str], dict[str, str]]:
    """What a verb can read, and what each file made here is called: {path: "image 1"}.

    inputs: one of, or a list, generator, batch or column of: paths and texts (as they are), PIL
    images, NumPy arrays and tensors ((H, W), (H, W, C) or (C, H, W); uint8, or float in [0, 1]),
    bytes and file objects of an encoded image. A batch of arrays is (N, ...). Raises UserError for
    anything else.
    """
    names, titles = [], {}
    for number, item in enumerate(_items(inputs), 1):
        if isinstance(item, str | Path):
            names.append(item if isinstance(item, str) else str(item))  # a LiteralText stays one
        else:
            path = str(image_file(item, _folder("inputs")))
            titles[path] = f"image {number}"
            names.append(path)
    return names, titles


def data_name(data: Any) -> str:
    """What `train` and `evaluate` can read, for a path, a name, or a set made in Python.

    data: a str or Path, or a list of such for several files; (images, labels) or (texts, labels),
    or a dictionary of both, in which images may be paths; a data frame of pandas or Polars; a
    Hugging Face or torch data set, whose items are {"image", "label"} or (image, label). Raises
    UserError for anything else.
    """
    if isinstance(data, Path):
        return str(data.absolute())
    if isinstance(data, str):
        return data
    if _is_frame(data):
        return _save_frame(data)
    if isinstance(data, list) and data and all(isinstance(part, str | Path) for part in data):
        return "\n".join(map(data_name, data))
    return _save_pairs(_pairs(data))


def standard_input() -> str:
    """What comes in by standard input as a file, named by its content."""
    content = sys.stdin.buffer.read()
    if not content:
        raise UserError("standard input is empty: pipe a text into the command")
    path = _folder("sets") / f"{hashlib.blake2b(content, digest_size=16).hexdigest()}.txt"
    if not path.exists():
        write_whole(path, content)
    return str(path)


def image_file(image: Any, folder: Path) -> Path:
    """An image as a file in `folder`, named by its content: PNG, or the bytes as they came."""
    if isinstance(image, bytes | bytearray):
        content = bytes(image)
    elif hasattr(image, "read"):
        content = image.read()
    else:
        content = _png(image)
    path = folder / f"{hashlib.blake2b(content, digest_size=16).hexdigest()}.png"
    if not path.exists():
        write_whole(path, content)
    return path


def is_many(inputs: Any) -> bool:
    """Whether inputs are a list, a batch or a column, which may hold one or none."""
    is_column = hasattr(inputs, "to_list")
    is_batch = _is_array(inputs) and not is_column and _dimensions(inputs) == 4
    return is_column or isinstance(inputs, list | tuple) or is_batch


def _items(inputs: Any) -> Iterator[Any]:
    """One by one: of a list, a column or a batch its parts; anything else is one input."""
    if hasattr(inputs, "to_list"):  # a column of pandas or Polars
        inputs = inputs.to_list()
    if isinstance(inputs, list | tuple | Generator):
        for item in inputs:
            yield from _items(item)
    elif _is_array(inputs) and _dimensions(inputs) == 4:
        yield from inputs
    else:
        yield inputs


def _is_array(value: Any) -> bool:
    """A NumPy array or a tensor, told without importing either."""
    return hasattr(value, "ndim") and hasattr(value, "dtype") and hasattr(value, "shape")


def _dimensions(value: Any) -> int:
    return int(value.ndim)


def _png(image: Any) -> bytes:
    from PIL import Image

    if not isinstance(image, Image.Image):
        if not _is_array(image):
            raise UserError(
                f"an input of type {type(image).__name__} cannot be read: give a path, a text, "
                "a PIL image, an array, a tensor, bytes or a file object"
            )
        image = Image.fromarray(_pixels(image))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _pixels(array: Any) -> Any:
    """uint8 (H, W) or (H, W, C) of an array or tensor in any of the usual forms."""
    import numpy as np

    pixels = np.asarray(array.detach().cpu() if hasattr(array, "detach") else array)
    shape = pixels.shape
    if pixels.ndim == 3 and shape[0] in (1, 3, 4) and shape[2] not in (1, 3, 4):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (3, 4)):
        raise UserError(
            f"an array of shape {tuple(shape)} is not an image: give (H, W), (H, W, C) or "
            "(C, H, W) with 1, 3 or 4 channels"
        )
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * 255
    if np.issubdtype(pixels.dtype, np.floating):
        if not (np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1):
            raise UserError(
                f"float pixels from {pixels.min():g} to {pixels.max():g}: they must lie in [0, 1]; "
                "divide by the largest value they can have"
            )
        return (pixels * 255).round().astype(np.uint8)
    if pixels.min() < 0 or pixels.max() > 255:
        raise UserError(
            f"whole-number pixels from {pixels.min()} to {pixels.max()}: they must lie in [0, 255]"
        )
    return pixels.astype(np.uint8)


def _is_frame(data: Any) -> bool:
    return hasattr(data, "columns") and (hasattr(data, "to_csv") or hasattr(data, "write_csv"))


def _save_frame(frame: Any) -> str:
    text = frame.write_csv() if hasattr(frame, "write_csv") else frame.to_csv(index=False)
    return str(_save_table(text))


def _pairs(data: Any) -> Iterable[tuple[Any, Any]]:
    """(image or text, label) of a set, one by one."""
    are_pairs = isinstance(data, list) and all(_is_pair(item) for item in data)
    if isinstance(data, tuple | list) and len(data) == 2 and not are_pairs:
        return _zipped(*data)
    if isinstance(data, Mapping):
        return _columns(data)
    if hasattr(data, "column_names"):
        return _rows(data)
    if hasattr(data, "__len__") and hasattr(data, "__getitem__"):
        return (_pair(data[number]) for number in range(len(data)))
    raise UserError(
        f"data of type {type(data).__name__} cannot be read: give a path, a name, "
        "(images, labels), (texts, labels), a data frame, or a data set of (image, label)"
    )


def _is_pair(item: Any) -> bool:
    """(example, label), and no list of examples or of labels."""
    return isinstance(item, tuple) and len(item) == 2


def _zipped(examples: Sequence[Any], labels: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    if not hasattr(labels, "__len__"):
        raise UserError(
            f"labels of type {type(labels).__name__} were given: give a list with a label for each "
            "example"
        )
    if len(examples) != len(labels):
        raise UserError(
            f"{len(examples)} examples and {len(labels)} labels were given: give one label each"
        )
    values = labels.tolist() if hasattr(labels, "tolist") else labels
    return zip(examples, values, strict=True)


def _columns(data: Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
    """Of a dictionary of columns; strings among images are paths."""
    example = next((name for name in ("image", "text") if name in data), None)
    if example is None or "label" not in data:
        raise UserError(
            f"the dictionary has the keys {', '.join(map(str, data))}: give image (or text) and "
            "label, each with a list of the same length"
        )
    values = data[example]
    if example == "image":
        values = [Path(value) if isinstance(value, str) else value for value in values]
    return _zipped(values, data["label"])


def _rows(data: Any) -> Iterator[tuple[Any, Any]]:
    """Rows of a Hugging Face data set, labels by their names."""
    example = next((name for name in ("image", "img", "text") if name in data.column_names), None)
    label = next((name for name in ("label", "labels") if name in data.column_names), None)
    if example is None or label is None:
        raise UserError(
            f"the data set has the columns {', '.join(data.column_names)}: rename those that "
            "matter to image (or text) and label"
        )
    names = getattr(data.features[label], "names", None)
    for row in data:
        value = row[label]
        yield row[example], value if names is None else names[value]


def _pair(item: Any) -> tuple[Any, Any]:
    if isinstance(item, dict) and "label" in item and ("image" in item or "text" in item):
        return item.get("image", item.get("text")), item["label"]
    if isinstance(item, tuple | list) and len(item) == 2:
        return item[0], item[1]
    raise UserError(
        f"an item of the data set is of type {type(item).__name__}: it must be (image, label) or "
        "have the keys image (or text) and label"
    )


def _save_pairs(pairs: Iterable[tuple[Any, Any]]) -> str:
    """A table of the pairs in the cache; images as files beside it."""
    import csv

    folder, text = _folder("sets"), io.StringIO()
    writer = csv.writer(text)
    for number, (example, label) in enumerate(pairs):
        is_text = isinstance(example, str)
        if number == 0:
            writer.writerow(["text", "target"] if is_text else ["image", "label"])
        writer.writerow([_cell(example, folder), _label(label)])
    if not text.getvalue():
        raise UserError("the data set is empty: give examples with labels")
    return str(_save_table(text.getvalue()))


def _cell(example: Any, folder: Path) -> str:
    """A text as it is; of an image the place of its file, one in `folder` by its name."""
    if isinstance(example, str):
        return example
    if isinstance(example, Path):
        return str(example.absolute())
    return image_file(example, folder).name


def _label(label: Any) -> str:
    return str(label.item() if hasattr(label, "item") else label)


def _save_table(text: str) -> Path:
    from handloom.data.text.tokenizer import whole_characters

    content = whole_characters([text])[0].encode()
    path = _folder("sets") / f"{hashlib.blake2b(content, digest_size=16).hexdigest()}.csv"
    if not path.exists():
        write_whole(path, content)
    return path


def _folder(kind: str) -> Path:
    return cache_folder().parent / "objects" / kind
