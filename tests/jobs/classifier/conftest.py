"""Photos that are drawn, and a small encoder with weights at random."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from handloom.config import check
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.pretrained import load, resolve

ENCODER = "timm:test_resnet"  # 160 pixels, 0.5 million parameters
COLORS = {"brick": (180, 60, 40), "leaf": (60, 150, 50), "sea": (40, 80, 190)}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of 16 photos of 96x80 pixels, each class of one colour, with noise."""
    root = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for name, color in COLORS.items():
        (root / name).mkdir()
        for number in range(16):
            noise = random.normal(0, 60, (80, 96, 3)) + random.normal(0, 25, 3)
            pixels = np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


@pytest.fixture(scope="session")
def encoder_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights of the small encoder, head included, at random."""
    import timm

    torch.manual_seed(0)
    network = timm.create_model("test_resnet", pretrained=False)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_file({key: value.clone() for key, value in network.state_dict().items()}, path)
    return path


def prepared(photos: Path, weights: Path, **options: Any) -> Any:
    """Config and data, as training makes them."""
    config = check(Config, {"network": ENCODER, "weights": str(weights)} | options)
    data = load(config, str(photos), lambda *_: None)
    return resolve(config, data), data
