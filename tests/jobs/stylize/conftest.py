"""A photo and a painting, drawn by hand."""

from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A sky over ground, with a tower."""
    image = Image.new("RGB", (96, 72), (90, 150, 230))
    image.paste((60, 110, 50), (0, 45, 96, 72))
    image.paste((150, 60, 50), (40, 15, 52, 60))
    image.save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def painting(tmp_path: Path) -> Path:
    """Slanted red and yellow strokes."""
    image = Image.new("RGB", (80, 80))
    image.putdata(
        [(220, 40, 20) if (x + y) % 9 < 4 else (240, 220, 60) for y in range(80) for x in range(80)]
    )
    image.save(tmp_path / "painting.png")
    return tmp_path / "painting.png"
