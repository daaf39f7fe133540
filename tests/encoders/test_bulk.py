"""Many images to features."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from handloom import encoders
from handloom.data.images.decode import decode
from handloom.encoders import Encoder
from handloom.encoders.bulk import encode, encode_files
from tests.encoders.conftest import SMALL


@pytest.fixture(scope="module")
def encoder(small_file: Path) -> Encoder:
    return encoders.find(f"timm:{SMALL}", small_file, torch.device("cpu"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """45 photos of several sizes and formats; numbers 7 and 40 are broken."""
    folder, random = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    paths = []
    for number in range(45):
        path = folder / f"{number:02}.{('jpg', 'png', 'webp')[number % 3]}"
        low = random.integers(0, 256, (4, 6, 3), dtype=np.uint8)
        size = (120 + 7 * number, 100 + 3 * number)
        Image.fromarray(low).resize(size, Image.Resampling.BICUBIC).save(path)
        paths.append(path)
    paths[7].write_bytes(paths[7].read_bytes()[:60])
    paths[40].write_text("no image")
    return paths


def pixels(encoder: Encoder, files: list[Path]) -> torch.Tensor:
    whole = [path for number, path in enumerate(files) if number not in (7, 40)]
    return torch.stack([decode(path, encoder.preprocessing) for path in whole])


def test_files_are_as_their_images(encoder: Encoder, files: list[Path]) -> None:
    steps: list[tuple[str, int, int]] = []
    kept = []
    found = encode_files(files, encoder, lambda *step: steps.append(step), kept.append, every=10)
    images = pixels(encoder, files)
    assert torch.equal(found.feature, encode(images, encoder))
    assert found.rows == [row for row in range(45) if row not in (7, 40)]
    assert [row for row, _ in found.broken] == [7, 40]
    assert "cut off" in found.broken[0][1] or "damaged" in found.broken[0][1]
    assert steps[-1] == ("encoding", 45, 45)
    assert torch.equal(torch.cat([part.feature for part in kept]), found.feature)
    assert [row for part in kept for row in part.rows] == found.rows


@pytest.mark.parametrize("precision", ["float32", "auto"])
def test_an_image_s_features_are_its_own(
    small_file: Path, files: list[Path], precision: str
) -> None:
    """The same bits alone, in another order and beside other images."""
    encoder = encoders.find(f"timm:{SMALL}", small_file, torch.device("cpu"), precision)  # type: ignore[arg-type]
    images = pixels(encoder, files)
    features = encode(images, encoder)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
    assert torch.equal(encode(images[order], encoder), features[order])
    for row in (0, 11, 42):
        assert torch.equal(encode(images[row : row + 1], encoder)[0], features[row])
    assert torch.equal(encoder(images[3:20]), features[3:20])


def test_mirror_images(encoder: Encoder, files: list[Path]) -> None:
    images = pixels(encoder, files)[:5]
    assert torch.equal(
        encode(images, encoder, mirrored=True), encode(images.flip(2).contiguous(), encoder)
    )
    assert not torch.equal(encode(images, encoder, mirrored=True), encode(images, encoder))


def test_nothing_to_encode(encoder: Encoder, tmp_path: Path) -> None:
    assert encode_files([], encoder).feature.shape == (0, encoder.width)
    assert encode(torch.empty(0, 8, 8, 3, dtype=torch.uint8), encoder).shape == (0, encoder.width)
    lost = encode_files([tmp_path / "none.png"], encoder)
    assert lost.rows == []
    assert lost.broken == [(0, "no such file")]
