"""The cache of features."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from handloom import encoders
from handloom.data.io.digest import file_digests
from handloom.encoders import Encoder, bulk, features
from tests.encoders.conftest import SMALL


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_file: Path) -> Encoder:
    """With a cache of its own."""
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))
    return encoders.find(f"timm:{SMALL}", small_file, torch.device("cpu"))


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images were encoded at each call."""
    counts: list[int] = []
    encode, encode_files = bulk.encode, bulk.encode_files

    def images(image: Tensor, *rest: object) -> Tensor:
        counts.append(len(image))
        return encode(image, *rest)  # type: ignore[arg-type]

    def files(paths: list[Path], *rest: object) -> bulk.Encoded:
        counts.append(len(paths))
        return encode_files(paths, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(features, "encode", images)
    monkeypatch.setattr(features, "encode_files", files)
    return counts


def images(number: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (number, 160, 160, 3)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def test_an_image_is_encoded_once(encoder: Encoder, count: list[int]) -> None:
    image = images(20)
    first = features.of_images(image, encoder)
    assert torch.equal(first, bulk.encode(image, encoder))
    assert torch.equal(features.of_images(image, encoder), first)
    assert torch.equal(features.of_images(image[5:9].flip(0), encoder), first[5:9].flip(0))
    assert count == [20], "a subset in another order is known too"
    both = torch.cat([images(3, seed=1), image, images(3, seed=1)])
    assert torch.equal(features.of_images(both, encoder)[3:23], first)
    assert count == [20, 3], "only what is new, and copies of it one time"


def test_mirror_images_and_other_encoders_have_their_own(
    encoder: Encoder, count: list[int], tmp_path: Path, small_weights: dict[str, Tensor]
) -> None:
    image = images(4)
    features.of_images(image, encoder)
    mirrored = features.of_images(image, encoder, mirrored=True)
    assert torch.equal(mirrored, bulk.encode(image, encoder, mirrored=True))
    other = {key: value * 1.1 if value.ndim == 4 else value for key, value in small_weights.items()}
    save_file(other, tmp_path / "other.safetensors")
    features.of_images(image, encoders.find(f"timm:{SMALL}", tmp_path / "other.safetensors"))
    features.of_images(image, encoders.find(f"timm:{SMALL}", tmp_path / "other.safetensors"))
    assert count == [4, 4, 4]


def test_a_damaged_part_is_encoded_again(
    encoder: Encoder, count: list[int], tmp_path: Path
) -> None:
    image = images(4)
    first = features.of_images(image, encoder)
    (part,) = (tmp_path / "cache").glob("features-*/*.safetensors")
    content = bytearray(part.read_bytes())
    content[-3] ^= 255
    part.write_bytes(bytes(content))
    assert torch.equal(features.of_images(image, encoder), first)
    part.unlink()
    part.write_bytes(bytes(content[:100]))
    assert torch.equal(features.of_images(image, encoder), first)
    assert count == [4, 4, 4]


def test_features_are_mapped_where_they_are_asked_for(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache of many sets is not read for one of them."""
    monkeypatch.setattr(features, "PART", 4)
    image = images(12)
    first = features.of_images(image, encoder)
    store = features.Store(encoder)
    assert (len(store.place), len(store.parts)) == (12, 0)
    part = next(iter(store.place.values()))[0]
    keys = [key for key, (path, _) in store.place.items() if path == part]
    assert store.unknown(keys) == []
    assert len(store.parts) == 1
    files = Path("/proc/self/fd")
    if files.exists():
        opened = []
        for entry in files.iterdir():
            with suppress(OSError):  # the listing's own
                opened.append(os.readlink(entry))
        assert not any("safetensors" in name for name in opened), "no file stays open"
    assert all(any(torch.equal(row, other) for other in first) for row in store.get(keys))


def test_a_kill_loses_the_last_part_alone(
    encoder: Encoder, count: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "PART", 8)
    add, parts = features.Store.add, []

    def killed(store: features.Store, keys: list[bytes], feature: Tensor) -> None:
        if len(parts) == 2:
            raise KeyboardInterrupt
        parts.append(len(keys))
        add(store, keys, feature)

    image = images(30)
    with monkeypatch.context() as patch:
        patch.setattr(features.Store, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            features.of_images(image, encoder)
    count.clear()
    steps: list[tuple[int, int]] = []
    found = features.of_images(image, encoder, lambda _, *step: steps.append(step))
    assert sum(count) == 14
    assert steps[-1] == (14, 14)
    assert torch.equal(found, bulk.encode(image, encoder))


def test_files(encoder: Encoder, count: list[int], tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(12)]
    for path, image in zip(paths, images(12), strict=True):
        Image.fromarray(image.numpy()).save(path)
    paths[5].write_bytes(paths[4].read_bytes())
    paths[6].write_text("broken")
    paths[7].unlink()
    digests = file_digests(folder, paths, lambda *_: None)
    first = features.of_files(paths, digests, encoder)
    assert first.rows == [0, 1, 2, 3, 4, 5, 8, 9, 10, 11]
    assert [row for row, _ in first.broken] == [6, 7]
    assert torch.equal(first.feature[4], first.feature[5])
    (folder / "elsewhere.png").write_bytes(paths[0].read_bytes())
    moved = [folder / "elsewhere.png", *paths]
    again = features.of_files(moved, file_digests(folder, moved, lambda *_: None), encoder)
    assert torch.equal(again.feature[1:], first.feature)
    assert torch.equal(again.feature[0], first.feature[0])
    assert count == [11, 2], "the two that are broken are tried again"
