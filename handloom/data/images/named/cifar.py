"""CIFAR-10 and CIFAR-100 (Krizhevsky, 2009), the python version, read without trusting pickle."""

import hashlib
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from handloom.errors import UserError

# As published by torchvision.
CIFAR10 = {
    "train": {
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    },
    "test": {"test_batch": "40351d587109b95175f43aff81a1287e"},
}
CIFAR100 = {
    "train": {"train": "16019d7e3df5f24257cddd939b257f8d"},
    "test": {"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"},
}
# What rebuilding an array of bytes needs, and nothing else.
ADMITTED = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def read_cifar10(folder: Path) -> dict[str, tuple[Tensor, Tensor | None]]:
    """Splits train (50,000) and test (10,000): uint8 (N, 32, 32, 3), labels int64 (N,)."""
    return {split: _read(folder, CIFAR10[split], b"labels") for split in CIFAR10}


def read_cifar100(folder: Path) -> dict[str, tuple[Tensor, Tensor | None]]:
    """Splits train (50,000) and test (10,000), the hundred fine labels."""
    return {split: _read(folder, CIFAR100[split], b"fine_labels") for split in CIFAR100}


def _read(folder: Path, files: dict[str, str], field: bytes) -> tuple[Tensor, Tensor]:
    batches = [_batch(folder / name, md5, field) for name, md5 in files.items()]
    image = torch.cat([image for image, _ in batches])  # (N, 32, 32, 3)
    return image, torch.cat([label for _, label in batches])


def _batch(path: Path, md5: str, field: bytes) -> tuple[Tensor, Tensor]:
    content = path.read_bytes()
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        raise UserError(
            f"'{path}' is damaged, its md5 is not {md5}: delete it and download it again"
        )
    record = unpickle(content)
    image = torch.from_numpy(record[b"data"]).view(-1, 3, 32, 32)
    return image.permute(0, 2, 3, 1).contiguous(), torch.tensor(record[field])


def unpickle(content: bytes) -> Any:
    """What a pickle holds, if it holds nothing but plain values and NumPy arrays.

    Raises pickle.UnpicklingError for anything else, before it could run.
    """
    return _Unpickler(io.BytesIO(content), encoding="bytes").load()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of images")
        return ADMITTED[module, name]
