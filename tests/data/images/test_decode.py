"""Every format and mode comes out upright, over white, in 8 bits; nothing else comes out."""

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from handloom.data.images import decode as module
from handloom.data.images.decode import Undecodable, decode

COLOUR = {"size": [32, 32], "channels": 3, "fit": "crop"}
GREY = {"size": [32, 32], "channels": 1, "fit": "crop"}
RED = np.array([200, 40, 20])


def mean(path: Path, preprocessing: dict[str, object] = COLOUR) -> np.ndarray:
    return decode(path, preprocessing).float().mean((0, 1)).numpy()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "bmp", "tif", "ppm"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"image.{suffix}"
    Image.new("RGB", (90, 60), tuple(RED)).save(path)
    image = decode(path, COLOUR)
    assert image.dtype == torch.uint8
    assert image.shape == (32, 32, 3)
    assert image.is_contiguous()
    assert np.abs(mean(path) - RED).max() < 6
    assert abs(mean(path, GREY)[0] - 85.6) < 4


@pytest.mark.parametrize(
    ("mode", "suffix", "colour", "expected"),
    [
        ("L", "png", 90, [90, 90, 90]),
        ("1", "png", 1, [255, 255, 255]),
        ("LA", "png", (0, 0), [255, 255, 255]),
        ("LA", "png", (100, 255), [100, 100, 100]),
        ("RGBA", "png", (0, 0, 0, 0), [255, 255, 255]),
        ("RGBA", "webp", (0, 0, 0, 0), [255, 255, 255]),
        ("RGBA", "png", (255, 0, 0, 128), [255, 127, 127]),
        ("CMYK", "jpg", (0, 255, 255, 0), [255, 0, 0]),
        ("CMYK", "tif", (0, 255, 255, 0), [255, 0, 0]),
        ("YCbCr", "jpg", (128, 128, 128), [128, 128, 128]),
        ("I;16", "png", 32768, [128, 128, 128]),
        ("I;16", "tif", 32768, [128, 128, 128]),
        ("I", "tif", 65535, [255, 255, 255]),
        ("F", "tif", 0.5, [128, 128, 128]),
        ("LAB", "tif", (255, 128, 128), [255, 255, 255]),
    ],
)
def test_modes(tmp_path: Path, mode: str, suffix: str, colour: object, expected: list[int]) -> None:
    path = tmp_path / f"image.{suffix}"
    Image.new(mode, (50, 40), colour).save(path)  # type: ignore[arg-type]
    assert np.abs(mean(path) - expected).max() <= 3
    assert decode(path, GREY).shape == (32, 32, 1)


def test_palette_with_transparency(tmp_path: Path) -> None:
    image = Image.new("P", (40, 40), 1)
    image.putpalette([0, 0, 0, *RED, 0, 0, 255])
    image.paste(2, (0, 0, 40, 20))
    image.save(tmp_path / "a.png")
    for name in ("b.png", "c.gif"):
        image.save(tmp_path / name, transparency=2)
    assert np.abs(decode(tmp_path / "a.png", COLOUR)[2, 9].numpy() - [0, 0, 255]).max() == 0
    for name in ("b.png", "c.gif"):
        pixels = decode(tmp_path / name, COLOUR)
        assert pixels[2, 9].tolist() == [255, 255, 255]
        assert pixels[30, 9].tolist() == RED.tolist()


def test_16_bit_keeps_its_gradient(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    image = decode(tmp_path / "deep.png", GREY)[..., 0].int()
    assert image[0, 0] < 8
    assert image[-1, -1] > 247
    assert (image[1:, 5] > image[:-1, 5]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_exif_rotation(tmp_path: Path, orientation: int, suffix: str) -> None:
    upright = np.zeros((96, 64, 3), np.uint8)
    upright[:48, :32], upright[:48, 32:], upright[48:, :32] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Transpose that undoes each orientation
    stored = Image.fromarray(upright)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(back[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{suffix}"
    stored.save(path, exif=exif, quality=100)
    image = decode(path, COLOUR)
    for (row, column), colour in {
        (8, 8): (255, 0, 0),
        (8, 24): (0, 255, 0),
        (24, 8): (0, 0, 255),
    }.items():
        assert np.abs(image[row, column].int().numpy() - colour).max() < 40


def test_crop_is_the_middle_and_antialiased(tmp_path: Path) -> None:
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, 100:200] = 255
    wide[::2, 100:200] = 0
    Image.fromarray(wide).save(tmp_path / "wide.png")
    inner = decode(tmp_path / "wide.png", {**GREY, "size": [10, 10]})[:, 1:-1].float()
    assert abs(inner.mean().item() - 127.5) < 4
    assert inner.std() < 4
    assert decode(tmp_path / "wide.png", {**GREY, "size": [8, 24]}).shape == (8, 24, 1)


def test_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert decode(tmp_path / "moving.gif", COLOUR)[5, 5].tolist() == [255, 0, 0]


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "bmp"])
def test_cut_off(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut.{suffix}"
    noise = np.random.RandomState(0).randint(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Undecodable, match=r"cut\."):
        decode(path, COLOUR)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "the file is empty"), (b"no image", "not one of the formats"), (None, "no such file")],
)
def test_no_image(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "thing.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Undecodable, match=reason):
        decode(path, COLOUR)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    parts = b"\x89PNG\r\n\x1a\n"
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 100)),
        (b"IEND", b""),
    ):
        parts += struct.pack(">I", len(body)) + kind + body
        parts += struct.pack(">I", zlib.crc32(kind + body))
    return parts


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_decompression_bomb(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(side, side))
    with pytest.raises(Undecodable, match="89,478,485 pixels"):
        decode(path, COLOUR)


def test_large_jpeg_is_drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.jpg"
    Image.new("RGB", (1600, 1200), tuple(RED)).save(path)
    seen, upright = [], module._upright

    def watched(image: Image.Image) -> Image.Image:
        seen.append(image.size)
        return upright(image)

    monkeypatch.setattr(module, "_upright", watched)
    assert np.abs(mean(path) - RED).max() < 6
    assert seen == [(200, 150)]  # an eighth, still more than twice 32


def test_profile_and_broken_exif_do_not_matter(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "odd.jpg"
    Image.new("RGB", (64, 64), tuple(RED)).save(
        path, icc_profile=profile, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"
    )
    assert np.abs(mean(path) - RED).max() < 6


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"]), st.data())
def test_damage_never_escapes(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    buffer = io.BytesIO()
    noise = np.random.RandomState(1).randint(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, kind)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content)
    with contextlib.suppress(Undecodable):
        assert decode(path, COLOUR).shape == (32, 32, 3)


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}])
@pytest.mark.parametrize("orientation", [3, 5, 6])
def test_tiff_is_turned_once(tmp_path: Path, orientation: int, options: dict[str, str]) -> None:
    stored = np.zeros((32, 32, 3), np.uint8)
    stored[:16, :16] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    for suffix, more in ((".png", {}), (".tif", options)):
        Image.fromarray(stored).save(tmp_path / f"a{suffix}", exif=exif, **more)
    assert torch.equal(decode(tmp_path / "a.tif", COLOUR), decode(tmp_path / "a.png", COLOUR))


def test_a_folder_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match="it is a folder"):
        decode(tmp_path, COLOUR)
