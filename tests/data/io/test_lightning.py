"""Checkpoints of PyTorch Lightning: tensors are read, and nothing that they name is run."""

import os
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from handloom.data.io.lightning import read_lightning
from handloom.data.io.weights import read_weights
from handloom.errors import UserError

MODULE = "pytorch_lightning.callbacks.model_checkpoint"
TENSORS = {"encoder.conv1.weight": torch.arange(6.0).view(2, 3), "encoder.n": torch.tensor(3)}


class ModelCheckpoint:
    """Stands for a class that is not installed where the file is read."""

    def __init__(self) -> None:
        self.best = 0.5


class Hyperparameters(dict[str, Any]):
    """A dictionary of a class of its own, as Lightning keeps hyperparameters."""


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A checkpoint with a callback as a key, and hyperparameters of a class."""
    path = tmp_path / "epoch=9.ckpt"
    for kind in (ModelCheckpoint, Hyperparameters):
        kind.__module__ = MODULE
    module = ModuleType(MODULE)
    vars(module).update(ModelCheckpoint=ModelCheckpoint, Hyperparameters=Hyperparameters)
    packages = ["pytorch_lightning", "pytorch_lightning.callbacks"]
    with pytest.MonkeyPatch.context() as patch:
        for name in packages:
            patch.setitem(sys.modules, name, ModuleType(name))
        patch.setitem(sys.modules, MODULE, module)
        torch.save(
            {
                "epoch": 9,
                "state_dict": TENSORS,
                "callbacks": {ModelCheckpoint: {"best": torch.tensor(0.5)}},
                "hyper_parameters": Hyperparameters(lr=0.1, arch="resnet50"),
                "loops": [ModelCheckpoint()],
            },
            path,
        )
    return path


def test_tensors_are_read_and_the_rest_is_named(checkpoint: Path) -> None:
    with pytest.raises(UserError, match="holds objects of Python beside them"):
        read_weights(checkpoint)
    tensors, left_out = read_lightning(checkpoint)
    assert left_out == [f"{MODULE}.Hyperparameters", f"{MODULE}.ModelCheckpoint"]
    assert tensors.keys() == TENSORS.keys()
    assert all(torch.equal(tensors[key], TENSORS[key]) for key in TENSORS)


def test_a_plain_file_is_read_as_ever(tmp_path: Path) -> None:
    torch.save({"state_dict": TENSORS}, tmp_path / "plain.ckpt")
    assert read_lightning(tmp_path / "plain.ckpt").left_out == []


@pytest.mark.parametrize("place", ["callbacks", "state_dict"])
def test_what_a_file_names_is_never_run(tmp_path: Path, place: str) -> None:
    target = tmp_path / "was-run"
    content: dict[str, Any] = {"state_dict": dict(TENSORS), "callbacks": {}}
    content[place]["evil"] = Evil(target)
    torch.save(content, tmp_path / "evil.ckpt")
    tensors, left_out = read_lightning(tmp_path / "evil.ckpt")
    assert not target.exists()
    assert left_out == ["posix.system"]
    assert tensors.keys() == TENSORS.keys()  # what stands for the object is no tensor
    os.system(f"touch {target}")
    assert target.exists()  # it would have been seen


def test_files_that_are_cut_off_or_no_checkpoints_are_refused(
    checkpoint: Path, tmp_path: Path
) -> None:
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="cut off"):
        read_lightning(checkpoint)
    (tmp_path / "text.ckpt").write_text("no weights")
    with pytest.raises(UserError, match="not a file of weights"):
        read_lightning(tmp_path / "text.ckpt")
    with pytest.raises(UserError, match="do not exist"):
        read_lightning(tmp_path / "none.ckpt")


def test_a_program_is_not_loaded(checkpoint: Path, tmp_path: Path) -> None:
    """TorchScript has the same file, and constants.pkl beside it; torch.load would run it."""
    with zipfile.ZipFile(checkpoint, "a") as archive:
        archive.writestr("epoch=9/constants.pkl", b"")
    with pytest.raises(UserError, match="not a file of weights"):
        read_lightning(checkpoint)
