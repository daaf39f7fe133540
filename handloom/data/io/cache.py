"""The cache of decoded images: a folder per content, written whole, checked when opened."""

import hashlib
import json
import math
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from handloom.data.io.storage import cache_folder, new_cache
from handloom.errors import UserError
from handloom.runs.files import written_whole

if TYPE_CHECKING:
    from handloom.data.images.reading import Preprocessing

BLOCK = 1 << 20  # bytes under one checksum
MOST_CHECKED = 64  # blocks verified when a cache is opened: 64 MiB take about 30 ms
ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Decoded:
    """Images as they come out of files, without the broken ones."""

    key: str
    image: Tensor  # uint8 (N, H, W, C), memory-mapped
    rows: list[int]  # which file each image was
    broken: list[tuple[int, str]]  # file, reason
    facts: dict[str, Any]
    preprocessing: "Preprocessing"
    aspect: list[float]  # width to height of what lies in the file; empty if not known


def opened(key: str) -> Decoded | None:
    """The images kept under a key, or None where there are none or they are damaged."""
    folder = cache_folder() / key
    try:
        about = _read_about(folder / "about.json")
        shape = about["shape"]
        path = folder / "images.bin"
        if path.stat().st_size != math.prod(shape) or not _is_sound(path, about["checksums"]):
            return None
        image = _mapped(path, shape)
        os.utime(folder / "used")
        return Decoded(
            key, image, about["rows"],
            [(int(row), str(reason)) for row, reason in about["broken"]],
            about["facts"], about["preprocessing"], about["aspect"],
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


class Writer:
    """Takes images in order and writes them to a folder that nobody reads yet."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "images.bin"
        self.file = self.path.open("wb")

    def append(self, images: "np.ndarray[Any, np.dtype[np.uint8]]") -> None:
        """Adds images, uint8 (n, H, W, C)."""
        self.file.write(np.ascontiguousarray(images).data)

    def clear(self) -> None:
        """Forgets the images so far."""
        self.file.seek(0)
        self.file.truncate()

    def first_channel_only(self) -> None:
        """Keeps one of the three channels of all images, which are grey."""
        self.file.close()
        other = self.path.with_name("grey.bin")
        with self.path.open("rb") as source, other.open("wb") as target:
            while block := source.read(3 * BLOCK):
                target.write(block[::3])
        os.replace(other, self.path)

    def describe(
        self, rows: list[int], broken: list[tuple[int, str]],
        facts: dict[str, Any], preprocessing: "Preprocessing", aspect: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """Writes beside the images what `Decoded` says of them, and the checksums."""
        self.file.close()
        about = {
            "shape": [len(rows), *preprocessing["size"], preprocessing["channels"]],
            "rows": rows,
            "broken": broken,
            "facts": facts,
            "preprocessing": preprocessing,
            "aspect": list(aspect),
            "checksums": [zlib.crc32(block) for block in _blocks(self.path)],
        }
        text = json.dumps(about)
        _write_about(self.path.with_name("about.json"), text)


@contextmanager
def writer(key: str) -> Iterator[Writer]:
    """A Writer whose folder takes its place in the cache at the end, if nothing was raised.

    Then the caches unused for longest go, beyond $HANDLOOM_CACHE_GIB (20) in all. Raises UserError
    where there is no room, or no permission.
    """
    try:
        with new_cache(key, lambda: opened(key) is not None) as part:
            target = Writer(part)
            with target.file:
                yield target
    except OSError as error:
        raise no_room(error) from None


def gathered(key: str, image: Tensor, index: Tensor) -> Tensor:
    """The images at `index`, int64 (M,), gathered in a file of the cache, not in memory."""
    place = hashlib.blake2b(index.numpy().tobytes(), digest_size=8).hexdigest()
    path = cache_folder() / key / f"rows-{place}.bin"
    shape = [len(index), *image.shape[1:]]
    if not path.exists() or path.stat().st_size != math.prod(shape):
        try:
            with written_whole(path) as part, part.open("wb") as file:
                for rows in torch.split(index, ROWS_AT_ONCE):
                    file.write(image[rows].numpy().data)
        except OSError as error:
            raise no_room(error) from None
    return _mapped(path, shape)


def groups(key: str, name: str, find: Callable[[], Tensor]) -> Tensor:
    """Groups, int64 (..., N), of images under a key: kept there under `name`, or from `find`."""
    path = cache_folder() / key / f"{name}.json"
    try:
        about = _read_about(path)
        return torch.tensor(about["group"], dtype=torch.int64)
    except (OSError, ValueError, KeyError, TypeError):
        group = find()
    with suppress(OSError), written_whole(path) as part:  # a shortcut only: may be missing
        text = json.dumps({"group": group.tolist()})
        _write_about(part, text)
    return group


def no_room(error: OSError) -> UserError:
    """The error for a cache that cannot be written."""
    return UserError(
        f"decoded images and features cannot be kept in '{cache_folder()}' "
        f"({error.strerror or error}): make room there, or set HANDLOOM_CACHE to another folder"
    )


def _write_about(path: Path, text: str) -> None:
    path.write_text(f"{zlib.crc32(text.encode())}\n{text}", "utf-8")


def _read_about(path: Path) -> dict[str, Any]:
    checksum, text = path.read_text("utf-8").split("\n", 1)
    if int(checksum) != zlib.crc32(text.encode()):
        raise ValueError("damaged")
    about: dict[str, Any] = json.loads(text)
    return about


def _is_sound(path: Path, checksums: Sequence[int]) -> bool:
    """Whether checksums agree: of all blocks, or of as many, evenly spread, as is quick."""
    step = -(-len(checksums) // MOST_CHECKED) or 1
    with path.open("rb") as file:
        for number in range(0, len(checksums), step):
            file.seek(number * BLOCK)
            if zlib.crc32(file.read(BLOCK)) != checksums[number]:
                return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _mapped(path: Path, shape: list[int]) -> Tensor:
    if math.prod(shape) == 0:
        return torch.empty(shape, dtype=torch.uint8)
    return torch.from_numpy(np.memmap(path, np.uint8, mode="c", shape=tuple(shape)))
