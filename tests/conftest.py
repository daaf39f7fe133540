"""Pictures and runs that several tests use."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Decoded pictures go to a folder of the test session."""
    os.environ["HANDLOOM_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of the bundled digits, trained for three epochs."""
    import handloom

    out = tmp_path_factory.mktemp("runs") / "digits"
    handloom.train("classifier", "digits", out=out, epochs=3, quiet=True)
    return out


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 3 classes of 12 colour pictures, 20x16 pixels: one hue each, and noise."""
    root = tmp_path_factory.mktemp("shapes")
    rng = np.random.default_rng(0)
    for channel, name in enumerate(("blue", "green", "red")):
        (root / name).mkdir()
        for i in range(12):
            pixels = rng.integers(0, 120, (16, 20, 3), dtype=np.uint8)
            pixels[..., 2 - channel] += 130
            Image.fromarray(pixels).save(root / name / f"{i}.png")
    return root
