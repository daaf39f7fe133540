"""The golden run of a classifier on an encoder, kept without the encoder's weights.

They are made from the names of the tensors whenever they are needed, by NumPy's RandomState, whose
numbers stay the same: the smallest network of timm would take 400 KB. What is kept beside the head
is `layout.json`: names and shapes as the version had them that made the run.
"""

import json
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import handloom

NETWORK = "test_efficientnet"  # of timm; 160 pixels, 99,196 parameters
COLORS = {"brick": (180, 60, 40), "leaf": (60, 150, 50), "sea": (40, 80, 190)}
EACH = 8  # photos of a class
BODY = "network/backbone.body."  # of the tensors that are made


def make(target: Path) -> None:
    """Trains it on photos that are drawn, and keeps what a later version needs."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        photos, weights = inputs(Path(folder))
        run = handloom.train(
            "classifier", photos, out=Path(folder) / "run", network=f"timm:{NETWORK}",
            weights=str(weights), precision="float32", device="cpu", quiet=True,
        )  # fmt: skip
        for name in ("config.json", "status.json", "evaluation.json"):
            text = (run.path / name).read_text(encoding="utf-8")
            (target / name).write_text(text.replace(str(Path(folder)), "HERE"), encoding="utf-8")
        known = load_file(run.path / "networks.safetensors")
    kept = {name: value for name, value in known.items() if not name.startswith(BODY)}
    save_file(kept, target / "head.safetensors")
    layout = {name: list(value.shape) for name, value in known.items() if name.startswith(BODY)}
    (target / "layout.json").write_text(json.dumps(layout), encoding="utf-8")
    _photo((70, 140, 60), 20).save(target / "photo.png")


def inputs(folder: Path) -> tuple[Path, Path]:
    """Its photos, and a file with the weights of its encoder."""
    import timm

    photos, weights = folder / "photos", folder / "weights.safetensors"
    for name, color in COLORS.items():
        (photos / name).mkdir(parents=True)
        for number in range(EACH):
            _photo(color, number).save(photos / name / f"{number}.png")
    state = timm.create_model(NETWORK, pretrained=False).state_dict()
    save_file({name: made(name, tuple(value.shape)) for name, value in state.items()}, weights)
    return photos, weights


def record(path: Path) -> dict[str, Any]:
    """What the run says of the photo beside it."""
    layout = json.loads((path / "layout.json").read_text(encoding="utf-8"))
    body = {name: made(name.removeprefix(BODY), tuple(shape)) for name, shape in layout.items()}
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        shutil.copytree(path, run)
        save_file(body | load_file(path / "head.safetensors"), run / "networks.safetensors")
        said = handloom.open(run).predict(str(path / "photo.png"))[0]
    return said | {"input": "photo.png"}


def made(name: str, shape: tuple[int, ...]) -> Tensor:
    """A tensor of the encoder by its name: batch norms that change nothing, else He's weights."""
    if len(shape) < 2:
        is_one = name.endswith(("weight", "running_var"))
        dtype = torch.int64 if name.endswith("num_batches_tracked") else torch.float32
        return torch.full(shape, float(is_one)).to(dtype)
    random = np.random.RandomState(zlib.crc32(name.encode()))
    scale = (2 / np.prod(shape[1:])) ** 0.5
    return torch.from_numpy((random.standard_normal(shape) * scale).astype(np.float32))


def _photo(color: tuple[int, int, int], number: int) -> Any:
    """A patch of a colour with darker stripes, 96x80 pixels."""
    from PIL import Image

    image = Image.new("RGB", (96, 80), color)
    dark = tuple(value // 2 + 3 * number for value in color)
    for left in range(number, 96, 9 + number):
        image.paste(dark, (left, 10 + number, left + 4, 70 - number))
    return image
