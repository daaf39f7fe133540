"""AVIF and HEIC: decoded where the libraries can, and one sentence where they cannot."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from handloom.data.images import decode as decode_module
from handloom.data.images import heic
from handloom.data.images.decode import Undecodable, decode
from handloom.data.images.heic import ADVICE
from handloom.data.images.load import load

AS_IT_IS = {"size": [20, 30], "channels": 3, "fit": "stretch"}
RED, WHITE = torch.tensor([255, 0, 0]), torch.tensor([255, 255, 255])


def centre(path: Path) -> torch.Tensor:
    """The pixel in the middle, int (3,)."""
    return decode(path, AS_IT_IS)[10, 15].int()


@pytest.mark.parametrize("name", ["a.avif", "a.AVIF", "a.jpg"])
def test_avif_by_its_content(tmp_path: Path, name: str) -> None:
    Image.new("RGB", (30, 20), "red").save(tmp_path / name, format="AVIF")
    assert (centre(tmp_path / name) - RED).abs().max() < 8


def test_avif_with_transparency_grey_and_several_frames(tmp_path: Path) -> None:
    Image.new("RGBA", (30, 20), (255, 0, 0, 0)).save(tmp_path / "clear.avif")
    assert (centre(tmp_path / "clear.avif") - WHITE).abs().max() < 8
    Image.new("L", (30, 20), 128).save(tmp_path / "grey.avif")
    assert (centre(tmp_path / "grey.avif") - 128).abs().max() < 8
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.avif", save_all=True, append_images=frames[1:])
    assert (centre(tmp_path / "moving.avif") - RED).abs().max() < 8


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_avif_is_left_out_and_named(tmp_path: Path, share: float) -> None:
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        for i in range(3):
            Image.effect_noise((60, 40), 60 + i).save(tmp_path / kind / f"{i}.avif")
    cut = tmp_path / "a" / "1.avif"
    cut.write_bytes(cut.read_bytes()[: int(share * cut.stat().st_size)])
    found = load(tmp_path, validation=0)
    assert [entry.path for entry in found.broken] == ["a/1.avif"]
    assert len(found.train) == 5


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
@pytest.mark.parametrize("name", ["a.heic", "a.jpg"])
def test_heic_without_the_plugin_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brand: bytes, name: str
) -> None:
    monkeypatch.setattr(decode_module, "has_plugin", lambda: False)
    (tmp_path / name).write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0" * 99)
    with pytest.raises(Undecodable) as caught:
        decode(tmp_path / name, AS_IT_IS)
    assert caught.value.reason == ADVICE


@pytest.mark.skipif(not heic.has_plugin(), reason="needs pillow-heif")
@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "a.jpg"])
def test_heic_with_the_plugin(tmp_path: Path, name: str) -> None:
    from pillow_heif import from_pillow

    from_pillow(Image.new("RGB", (64, 64), "red")).save(tmp_path / "a.heic")
    path = (tmp_path / "a.heic").rename(tmp_path / name)
    assert (centre(path) - RED).abs().max() < 8
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(Undecodable, match="cannot be read as an image"):
        decode(path, AS_IT_IS)


@pytest.mark.skipif(not heic.has_plugin(), reason="needs pillow-heif")
def test_heic_stands_upright(tmp_path: Path) -> None:
    """Phones write the image as the sensor saw it, and how to turn it."""
    from pillow_heif import from_pillow

    image = Image.new("RGB", (64, 32), "red")
    image.paste("blue", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    from_pillow(image).save(tmp_path / "a.heic", exif=exif.tobytes())
    pixels = decode(tmp_path / "a.heic", {"size": [64, 32], "channels": 3, "fit": "stretch"}).int()
    assert pixels[10, 16, 2] > 200 > pixels[54, 16, 2]  # blue above
    assert pixels[54, 16, 0] > 200
