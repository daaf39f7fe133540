"""Colour images of 16 bits a channel: all of them are read, and the levels are of the set."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from handloom.data.images.decode import decode, deep_values, probe
from handloom.data.images.load import load

TYPES = {"RGB;16": 2, "LA;16": 4, "RGBA;16": 6}  # of PNG
AS_IS = {"size": [6, 8], "channels": 3, "fit": "stretch", "background": "white"}


def save_png(path: Path, values: np.ndarray, colour_type: int) -> None:
    """Values uint16 (H, W, C)."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = {b"IHDR": struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0),
             b"IDAT": zlib.compress(rows), b"IEND": b""}  # fmt: skip
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def save_tiff(path: Path, values: np.ndarray, order: str, is_packed: bool) -> None:
    """Values uint16 (H, W, 3); order: < or >, of the bytes."""
    height, width, bands = values.shape
    data = values.astype(f"{order}u2").tobytes()
    data = zlib.compress(data) if is_packed else data
    tags = {256: width, 257: height, 258: None, 259: 8 if is_packed else 1, 262: 2, 273: 8,
            277: bands, 278: height, 279: len(data), 284: 1}  # fmt: skip
    after = 8 + len(data) + 2 + 12 * len(tags) + 4
    entries = b"".join(
        struct.pack(f"{order}HHII", tag, 3, bands, after) if value is None
        else struct.pack(f"{order}HHII", tag, 4, 1, value)
        for tag, value in tags.items()
    )  # fmt: skip
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(f"{order}I", 8 + len(data))
    directory = struct.pack(f"{order}H", len(tags)) + entries + struct.pack(f"{order}I", 0)
    path.write_bytes(head + data + directory + struct.pack(f"{order}{bands}H", *[16] * bands))


def random_values(bands: int, top: int = 65536) -> np.ndarray:
    return np.random.RandomState(bands).randint(0, top, (6, 8, bands)).astype(np.uint16)


@pytest.mark.parametrize("mode", TYPES)
def test_all_bits_of_a_png_are_read(tmp_path: Path, mode: str) -> None:
    values = random_values(len(mode.partition(";")[0]))
    save_png(tmp_path / "a.png", values, TYPES[mode])
    assert probe(tmp_path / "a.png").mode == mode
    colours = values[..., : 3 if mode != "LA;16" else 1]
    assert np.array_equal(deep_values(tmp_path / "a.png"), colours)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("is_packed", [False, True])
def test_all_bits_of_a_tiff_are_read(tmp_path: Path, order: str, is_packed: bool) -> None:
    values = random_values(3)
    save_tiff(tmp_path / "a.tif", values, order, is_packed)
    assert np.array_equal(deep_values(tmp_path / "a.tif"), values)


@pytest.mark.parametrize("mode", TYPES)
def test_twelve_bits_of_sixteen_are_not_black(tmp_path: Path, mode: str) -> None:
    bands = len(mode.partition(";")[0])
    for number in range(4):
        values = np.roll(random_values(bands, 4096), number, 0)
        if mode != "RGB;16":
            values[..., -1] = 65535  # opaque
        save_png(tmp_path / "ab"[number % 2] / f"{number}.png", values, TYPES[mode])
    found = load(tmp_path, validation=0)
    assert found.preprocessing["levels"] == [0, 4095]
    assert found.preprocessing["channels"] == (1 if mode == "LA;16" else 3)
    assert found.train.image.float().std() > 25
    assert any("more than 8 bits" in note for note in found.notes)
    first = decode(tmp_path / found.train.names[0], found.preprocessing)
    assert torch.equal(first, found.train.image[0])


def test_transparency_and_rotation_of_deep_colour(tmp_path: Path) -> None:
    values = np.full((6, 8, 4), 65535, np.uint16)
    values[:, :, :3] = (0, 30_000, 60_000)
    values[:3, :, 3] = 0
    save_png(tmp_path / "a.png", values, TYPES["RGBA;16"])
    pixels = decode(tmp_path / "a.png", AS_IS)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[5, 0].tolist() == [0, 117, 233]


def test_first_of_several_pages_and_blank_images_are_said(tmp_path: Path) -> None:
    pages = [Image.fromarray(random_values(3).astype(np.uint8)) for _ in range(3)]
    for name in "ab":
        (tmp_path / name).mkdir()
        for suffix in ("tif", "gif", "webp"):
            path = tmp_path / name / f"pages.{suffix}"
            pages[0].save(path, save_all=True, append_images=pages[1:])
        clear = Image.new("RGBA", (8, 8), (255, 255, 255, 0))
        clear.putpixel((3, 3), (255, 255, 255, 255))  # white, visible on any other ground
        clear.save(tmp_path / name / "icon.png")
    notes = " ".join(load(tmp_path, validation=0).notes)
    assert "with several frames or pages: the first is read" in notes
    assert "2 images of a single colour, with nothing to see" in notes
    assert "try --background black or grey" in notes


@pytest.mark.parametrize("kinds", [("float32", "uint16"), ("uint16", "uint16")])
def test_floats_beside_integers_are_said(tmp_path: Path, kinds: tuple[str, str]) -> None:
    values = random_values(1)[..., 0]
    for name, kind in zip("ab", kinds, strict=True):
        (tmp_path / name).mkdir()
        scaled = values / 65535 if kind == "float32" else values
        Image.fromarray(scaled.astype(kind)).save(tmp_path / name / "1.tif")
    notes = " ".join(load(tmp_path, validation=0).notes)
    assert ("images of floats stand beside integers" in notes) == (len(set(kinds)) > 1)
