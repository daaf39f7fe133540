"""Training images as wholes, beside the middle squares."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from handloom.data.images import whole
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.data.images.whole import with_whole
from handloom.errors import UserError


def silent(*_: object) -> None:
    pass


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Two classes of 8 images of 24x16 pixels, red at the left end, blue at the right; the last of
    each lies on its side and says so."""
    pixels = np.full((16, 24, 3), 90, np.uint8)
    pixels[:, :4], pixels[:, -4:] = (255, 0, 0), (0, 0, 255)
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        for number in range(8):
            pixels[0, 12] = number + 20 * (kind == "b")  # no two are equal
            image, upright = Image.fromarray(pixels), Image.Exif()
            if number == 7:
                image, upright[0x0112] = image.transpose(Image.Transpose.ROTATE_90), 6
            image.save(tmp_path / kind / f"{number}.png", exif=upright)
    return tmp_path


def test_a_whole_has_the_ends_and_the_proportions(wide: Path) -> None:
    data = with_whole(load(wide, size=16, channels=3, validation=0.25), 20, silent)
    seen = data.train.whole
    assert seen is not None
    assert data.train.size == (16, 16)
    assert seen.image.shape == (len(data.train), 20, 20, 3)
    assert (seen.image[:, 10, 0] == torch.tensor([255, 0, 0])).all()
    assert (seen.image[:, 10, -1] == torch.tensor([0, 0, 255])).all()
    torch.testing.assert_close(seen.aspect, torch.full((len(data.train),), 1.5))
    assert data.valid is not None
    assert data.valid.whole is None


def test_a_part_of_the_images_has_its_wholes_without_a_copy(wide: Path) -> None:
    train = with_whole(load(wide, size=16, channels=3, validation=0), 20, silent).train
    part = train.subset(torch.tensor([3, 9]))
    assert part.whole is not None
    assert train.whole is not None
    assert part.whole.image.data_ptr() == train.whole.image.data_ptr()
    assert part.whole.row.tolist() == [3, 9]
    assert len(part.whole.aspect) == 2


def test_images_that_are_seen_whole_or_come_as_arrays_have_none(wide: Path) -> None:
    padded = load(wide, Reading(fit="pad"), size=16, channels=3, validation=0)
    assert with_whole(padded, 20, silent) is padded
    digits = load("digits", size=16)
    assert with_whole(digits, 20, silent) is digits


def test_more_than_the_cache_should_hold_is_said(
    wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "MOST_BYTES", 10 * 20 * 20 * 3)
    data = with_whole(load(wide, size=16, channels=3, validation=0), 20, silent)
    assert data.train.whole is None
    assert data.notes[-1] == (
        "16 training images are more than the 10 that are kept as wholes: tuning sees the middle "
        "square of each alone"
    )


def test_a_file_that_is_gone_meanwhile_is_named(wide: Path) -> None:
    data = load(wide, size=16, channels=3, validation=0)
    (wide / "a" / "3.png").unlink()
    with pytest.raises(UserError, match=r"1 image can no longer be read, the first is '.*3\.png'"):
        with_whole(data, 22, silent)
