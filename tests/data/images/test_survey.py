"""A look at headers before anything is decoded."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handloom.data.images.reading import Reading
from handloom.data.images.survey import survey


def draw(root: Path, size: tuple[int, int], mode: str = "RGB") -> Path:
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        for number in range(3):
            pixels = np.random.default_rng(number).integers(0, 255, (*size[::-1], 3), np.uint8)
            Image.fromarray(pixels).convert(mode).save(root / name / f"{number}.png")
    return root


@pytest.mark.parametrize(("size", "side"), [((200, 120), 120), ((32, 32), 32), ((50, 900), 50)])
def test_the_shorter_side_counts(size: tuple[int, int], side: int, tmp_path: Path) -> None:
    seen = survey(draw(tmp_path / "data", size), Reading())
    assert seen == (side, False, 6)


def test_grey_is_seen(tmp_path: Path) -> None:
    assert survey(draw(tmp_path / "data", (90, 90), "L"), Reading()).is_grey


@pytest.mark.parametrize("name", ["digits", "cifar10", "mnist"])
def test_arrays_are_small(name: str) -> None:
    assert survey(name, Reading()).side == 0


def test_broken_files_are_passed_over(tmp_path: Path) -> None:
    root = draw(tmp_path / "data", (100, 80))
    (root / "a" / "0.png").write_bytes(b"no image")
    assert survey(root, Reading()).side == 80
