"""CIFAR batches are read, and a pickle that would do more than hold arrays is refused."""

import hashlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from handloom.data.images.load import load
from handloom.data.images.named import cifar
from handloom.errors import UserError


class Evil:
    """Would make a folder when unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_arrays_and_plain_values() -> None:
    record = {b"data": np.arange(6, dtype=np.uint8).reshape(2, 3), b"labels": [1, 2]}
    found = cifar.unpickle(pickle.dumps(record, protocol=3))
    assert (found[b"data"] == record[b"data"]).all()
    assert found[b"labels"] == [1, 2]


def test_nothing_is_run(tmp_path: Path) -> None:
    content = pickle.dumps({b"data": Evil(tmp_path / "made")})
    with pytest.raises(pickle.UnpicklingError, match="mkdir"):
        cifar.unpickle(content)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["eval", "getattr", "__import__"])
def test_builtins_are_refused(name: str) -> None:
    with pytest.raises(pickle.UnpicklingError):
        cifar.unpickle(f"cbuiltins\n{name}\n.".encode())


def test_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.RandomState(0).randint(0, 256, (7, 3, 32, 32), dtype=np.uint8)
    content = pickle.dumps({b"data": pixels.reshape(7, -1), b"labels": list(range(7))}, protocol=3)
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(content)
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    monkeypatch.setattr(cifar, "CIFAR10", {"train": {"one": md5}, "test": {"two": md5}})
    image, label = cifar.read_cifar10(tmp_path)["train"]
    assert torch.equal(image.permute(0, 3, 1, 2), torch.from_numpy(pixels))
    assert label is not None
    assert label.tolist() == list(range(7))
    (tmp_path / "one").write_bytes(content + b"x")
    with pytest.raises(UserError, match="damaged"):
        cifar.read_cifar10(tmp_path)


def test_published_set_twice(published: Path) -> None:
    if not (published / "cifar-10-batches-py").exists():
        pytest.skip("CIFAR-10 is not in HANDLOOM_DATA")
    first, second = load("cifar10"), load("cifar10")  # read, then from the cache
    assert torch.equal(first.train.image, second.train.image)
    assert first.fingerprint == second.fingerprint
    assert second.train.label is not None
    assert second.train.label[:3].tolist() == first.train.label[:3].tolist()  # type: ignore[index]
    assert torch.bincount(second.train.label).tolist() == [4500] * 10
