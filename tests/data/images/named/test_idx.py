"""IDX files: what is written comes back, what is damaged is refused in one sentence."""

import contextlib
import gzip
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from handloom.data.images.load import load
from handloom.data.images.named.idx import read_idx, read_idx_folder
from handloom.data.io.digest import image_digest
from handloom.errors import UserError


def idx(values: np.ndarray) -> bytes:
    """An IDX file of bytes."""
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


def write_set(folder: Path, packed: bool = False) -> None:
    """Train and test splits of 30 and 10 images of 6x5 pixels in 3 classes."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, count in (("train", 30), ("t10k", 10)):
        random = np.random.RandomState(count)
        image = random.randint(0, 256, (count, 6, 5), dtype=np.uint8)
        for name, values in (
            (f"{split}-images-idx3-ubyte", image),
            (f"{split}-labels-idx1-ubyte", (np.arange(count) % 3).astype(np.uint8)),
        ):
            content = idx(values)
            path = folder / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(content) if packed else content)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4), st.booleans(), st.integers(0, 2**32 - 1)
)
def test_round_trip(shape: list[int], packed: bool, seed: int) -> None:
    values = np.random.RandomState(seed).randint(0, 256, shape, dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("values.gz" if packed else "values")
        path.write_bytes(gzip.compress(idx(values)) if packed else idx(values))
        assert torch.equal(read_idx(path), torch.from_numpy(values))


@given(st.binary(max_size=64), st.booleans())
def test_noise_is_refused_or_read(content: bytes, packed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("noise.gz" if packed else "noise")
        path.write_bytes(gzip.compress(content) if packed else content)
        with contextlib.suppress(UserError):
            assert read_idx(path).dtype == torch.uint8


@pytest.mark.parametrize("packed", [False, True])
def test_a_length_that_lies(tmp_path: Path, packed: bool) -> None:
    content = struct.pack(">HBB3I", 0, 8, 3, 60000, 2**20, 2**20) + b"x" * 100
    path = tmp_path / ("images.gz" if packed else "images")
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(UserError, match="not a usable IDX file"):
        read_idx(path)


def test_damaged_gz(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(np.zeros((9, 9), np.uint8)))[:-12])
    with pytest.raises(UserError, match="download it again"):
        read_idx(path)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("inner", ["", "raw"])
def test_folder(tmp_path: Path, packed: bool, inner: str) -> None:
    write_set(tmp_path / inner, packed)
    found = load(tmp_path)
    assert found.test is not None
    assert found.valid is not None
    assert (len(found.train), len(found.valid), len(found.test)) == (24, 6, 10)
    assert found.train.classes == ("0", "1", "2")
    assert found.train.size == (6, 5)
    assert found.preprocessing["size"] == [6, 5]
    assert found.test.names[3] == "test/3"


def test_labels_are_asked_for_only_if_needed(tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match="train-labels-idx1-ubyte"):
        load(tmp_path)
    found = load(tmp_path, labelled=False)
    assert found.train.label is None
    assert found.train.classes == ()


def test_labels_of_another_length(tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(7, np.uint8)))
    with pytest.raises(UserError, match="30 labels"):
        read_idx_folder(tmp_path, labelled=True)


@pytest.mark.parametrize("change", ["one pixel", "one label", "two images swapped", "one less"])
def test_the_fingerprint_is_of_every_image(change: str) -> None:
    random = np.random.RandomState(0)
    image = torch.from_numpy(random.randint(0, 256, (5_000, 4, 4, 1), dtype=np.uint8))
    label = torch.arange(5_000) % 3
    other, others = image.clone(), label.clone()
    if change == "one pixel":
        other[4_321, 2, 2] ^= 1
    elif change == "one label":
        others[1_234] += 1
    elif change == "two images swapped":
        other[[7, 10]] = other[[10, 7]]
    else:
        other, others = other[:-1], others[:-1]
    assert image_digest(other, others) != image_digest(image, label)
    assert image_digest(image.clone(), label.clone()) == image_digest(image, label)
