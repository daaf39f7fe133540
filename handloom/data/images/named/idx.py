"""The IDX format of MNIST (LeCun, Cortes & Burges, 1998): a file, and a folder of them."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from handloom.data.images.listing.walk import idx_files
from handloom.errors import UserError
from handloom.wording import reason

MOST_DEFLATED = 1032  # deflate never shrinks further than 1032 to 1: a larger claim is a lie
SPLITS = {"train": "train", "t10k": "test", "test": "test", "val": "valid"}


def read_idx(path: Path) -> Tensor:
    """The bytes of an IDX file (or `.gz`) as uint8 in the shape its header states.

    Plain files are mapped, not read. Raises UserError where header and length disagree.
    """
    if path.suffix == ".gz":
        return _read_deflated(path)
    with path.open("rb") as file:
        shape, start = _header(path, file.read(4 + 4 * 255))
    if path.stat().st_size != start + math.prod(shape):
        raise _damaged(path, f"it should hold {math.prod(shape)} values after its header")
    if math.prod(shape) == 0:
        return torch.empty(shape, dtype=torch.uint8)
    return torch.from_numpy(np.memmap(path, np.uint8, mode="c", offset=start, shape=shape))


def read_idx_folder(folder: Path, labelled: bool) -> dict[str, tuple[Tensor, Tensor | None]]:
    """For each split found, images uint8 (N, H, W, C) and labels int64 (N,) or None.

    File names are MNIST's: `train-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`; a dot for the
    second dash, a prefix, and `.gz` are allowed.
    """
    splits: dict[str, tuple[Tensor, Tensor | None]] = {}
    for path in idx_files(folder):
        if "images" not in path.name:
            continue
        split = next((SPLITS[mark] for mark in SPLITS if mark in path.name.lower()), "train")
        image = read_idx(path)
        image = image.unsqueeze(-1) if image.ndim == 3 else image  # (N, H, W, C)
        if image.ndim != 4 or image.shape[-1] not in (1, 3):
            raise _damaged(path, f"images have the shape (N, H, W), not {tuple(image.shape)}")
        label = _labels(path, image.shape[0]) if labelled else None
        if split in splits:
            raise UserError(
                f"'{folder}' has two {split} splits ({path.name} is the second): keep one"
            )
        splits[split] = (image, label)
    if "train" not in splits:
        raise UserError(f"'{folder}' has IDX files but no images: add train-images-idx3-ubyte")
    return splits


def _labels(images: Path, count: int) -> Tensor:
    stem = images.name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")
    plain = stem.removesuffix(".gz")
    beside = [images.with_name(plain), images.with_name(plain + ".gz")]
    path = next((path for path in beside if path.exists()), None)
    if path is None:
        raise UserError(f"'{images}' has no labels beside it: add {plain}")
    label = read_idx(path)
    if tuple(label.shape) != (count,):
        raise _damaged(path, f"it should hold {count} labels, one for each image")
    return label.long()


def _header(path: Path, start: bytes) -> tuple[tuple[int, ...], int]:
    if len(start) < 4 or start[:2] != b"\0\0":
        raise _damaged(path, "it does not start as IDX files do")
    if start[2] != 0x08:
        raise _damaged(
            path, f"its values are of type 0x{start[2]:02x}, and only bytes (0x08) are read"
        )
    end = 4 + 4 * start[3]
    if start[3] == 0 or len(start) < end:
        raise _damaged(path, "its header is incomplete")
    return struct.unpack(f">{start[3]}I", start[4:end]), end


def _read_deflated(path: Path) -> Tensor:
    try:
        with gzip.open(path) as file:
            start = file.read(4)
            shape, _ = _header(path, start + file.read(4 * start[3] if len(start) == 4 else 0))
            count = math.prod(shape)
            if count > MOST_DEFLATED * path.stat().st_size:
                raise _damaged(path, f"{count} values cannot be packed into so small a file")
            values = bytearray(file.read(count + 1))
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, f"it cannot be unpacked ({reason(error)})") from None
    if len(values) != count:
        raise _damaged(path, f"it should hold {count} values after its header")
    return (
        torch.frombuffer(values, dtype=torch.uint8).reshape(shape)
        if count
        else torch.empty(shape, dtype=torch.uint8)
    )


def _damaged(path: Path, reason: str) -> UserError:
    return UserError(
        f"'{path}' is not a usable IDX file: {reason}; delete it and download it again"
    )
