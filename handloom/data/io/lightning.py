"""Weights from a checkpoint of PyTorch Lightning, which keeps objects of Python beside them.

A checkpoint names classes: of callbacks, of hyperparameters. `torch.load(weights_only=True)`
refuses such a file, and without it whatever a file names would run. Here tensors are made by
torch's functions for them, and whatever else a file names becomes an object that does nothing.
"""

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from handloom.data.io.weights import named_tensors, read_weights
from handloom.errors import UserError

ADMITTED = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
    ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
    ("torch", "Size"): torch.Size,
}
TORCHSCRIPT = "constants.pkl"  # in a file that holds a program, which torch.load would load


class Checkpoint(NamedTuple):
    """Tensors by name, and the names of what was left out, sorted."""

    tensors: dict[str, Tensor]
    left_out: list[str]


def read_lightning(path: Path) -> Checkpoint:
    """The tensors of a checkpoint, or of any file that `read_weights` reads. Nothing in it is run.

    Raises UserError for what is no such file, cut off or damaged.
    """
    try:
        return Checkpoint(read_weights(path), [])
    except UserError:
        if not _is_pickled(path):
            raise
        tensors, left_out = _tolerant(path)
        if not tensors:
            raise
        return Checkpoint(tensors, left_out)


def _is_pickled(path: Path) -> bool:
    """Whether it is a whole archive as torch.save writes it, and not a program."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.rpartition("/")[2] for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return False
    return "data.pkl" in names and TORCHSCRIPT not in names


def _tolerant(path: Path) -> tuple[dict[str, Tensor], list[str]]:
    left_out: set[str] = set()

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            known = ADMITTED.get((module, name))
            if known is None:
                left_out.add(f"{module}.{name}")
            return known or Nothing

    class Reader:
        """What torch.load takes in place of the module pickle."""

        Unpickler: Any

    Reader.Unpickler = Unpickler
    try:
        content = torch.load(path, map_location="cpu", pickle_module=Reader, weights_only=False)
        return named_tensors(content), sorted(left_out)
    except Exception:  # whatever a damaged or foreign file makes the unpickler raise
        return {}, []


class Nothing(dict[Any, Any]):
    """Stands for any object: takes whatever arguments, state and items, and does nothing."""

    def __new__(cls, *_: Any, **__: Any) -> "Nothing":
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def __setstate__(self, _: Any) -> None:
        pass

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def append(self, _: Any) -> None:
        """As of a list."""

    def extend(self, _: Any) -> None:
        """As of a list."""

    def add(self, _: Any) -> None:
        """As of a set."""
