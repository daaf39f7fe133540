"""Small images with captions, and runs on them that tests of several files share."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import handloom

COLOURS = {"red": (200, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 200)}
PLACES = {"above": slice(0, 8), "below": slice(8, 16)}


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 72 images: a bar of one of three colours, above or below; two captions each."""
    root = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    lines = ["file,caption"]
    for number in range(72):
        colour, place = list(COLOURS)[number % 3], list(PLACES)[number // 3 % 2]
        pixels = rng.integers(90, 130, (16, 16, 3))
        pixels[PLACES[place]] = np.array(COLOURS[colour]) + rng.integers(-30, 30, (8, 16, 3))
        Image.fromarray(pixels.astype(np.uint8)).save(root / f"{number}.png")
        lines += [f"{number}.png,a {colour} bar {place}", f'{number}.png,"{place}, {colour}"']
    (root / "pairs.csv").write_text("\n".join(lines))
    return root / "pairs.csv"


@pytest.fixture(scope="session")
def clip_run(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained from scratch on the pairs."""
    out = tmp_path_factory.mktemp("runs") / "clip"
    handloom.train("clip", pairs, out=out, epochs=12, size=16, quiet=True)
    return out


@pytest.fixture(scope="session")
def class_run(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained on the names of classes, on a network of a classifier that stays as it is."""
    folder = tmp_path_factory.mktemp("runs")
    handloom.train("classifier", shapes, out=folder / "classifier", network="resnet", epochs=2,
                   size=16, quiet=True)  # fmt: skip
    handloom.train("clip", shapes, out=folder / "clip", from_run=folder / "classifier", epochs=8,
                   quiet=True)  # fmt: skip
    return folder / "clip"
