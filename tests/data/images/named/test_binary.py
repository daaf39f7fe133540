"""STL-10 and SVHN are read as their authors wrote them; whole sets are resized as decode does."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from handloom.data.images.decode import decode
from handloom.data.images.load import load
from handloom.data.images.resize import resized
from handloom.errors import UserError


def test_stl10(no_data: Path) -> None:
    folder = no_data / "stl10_binary"
    folder.mkdir(parents=True)
    random = np.random.RandomState(0)
    image = random.randint(0, 256, (20, 96, 96, 3), dtype=np.uint8)
    for split in ("train", "test"):
        image.transpose(0, 3, 2, 1).tofile(folder / f"{split}_X.bin")
        (np.arange(20) % 10 + 1).astype(np.uint8).tofile(folder / f"{split}_y.bin")
    for _ in range(2):  # read, then from the cache
        found = load("stl10", validation=0)
        assert torch.equal(found.train.image, torch.from_numpy(image))
        assert found.train.label is not None
        assert found.train.label.tolist() == [*range(10)] * 2
        assert found.train.classes[0] == "airplane"
    (folder / "train_X.bin").write_bytes(b"short")
    with pytest.raises(UserError, match="is truncated"):
        load("stl10")


def test_svhn(no_data: Path) -> None:
    io = pytest.importorskip("scipy.io")
    no_data.mkdir()
    image = np.random.RandomState(0).randint(0, 256, (10, 32, 32, 3), dtype=np.uint8)
    for split in ("train", "test"):
        record = {"X": image.transpose(1, 2, 3, 0), "y": np.arange(1, 11)[:, None]}
        io.savemat(no_data / f"{split}_32x32.mat", record)
    found = load("svhn", validation=0)
    assert torch.equal(found.train.image, torch.from_numpy(image))
    assert found.train.label is not None
    assert found.train.label.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]


@pytest.mark.parametrize(("size", "channels"), [(16, None), (48, 3), (None, 1), (24, 1)])
def test_resized_as_decode_does(tmp_path: Path, size: int | None, channels: int | None) -> None:
    coarse = np.random.RandomState(0).randint(0, 256, (6, 6, 3), dtype=np.uint8)
    image = np.array(Image.fromarray(coarse).resize((32, 32), Image.Resampling.BICUBIC))
    Image.fromarray(image).save(tmp_path / "a.png")
    shape = {"size": [size or 32] * 2, "channels": channels or 3, "fit": "crop"}
    left = resized(torch.from_numpy(image)[None], size and (size, size), channels)[0]
    right = decode(tmp_path / "a.png", shape)
    assert left.shape == right.shape
    assert (left.int() - right.int()).abs().max() <= 2


def test_resized_cuts_the_middle() -> None:
    image = torch.zeros(2, 10, 30, 1, dtype=torch.uint8)
    image[:, :, 10:20] = 200
    assert resized(image, (10, 10), 3).unique().tolist() == [200]
    assert resized(image, None, None) is image
