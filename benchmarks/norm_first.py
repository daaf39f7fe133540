"""Whether the order in a stage that helps CIFAR-10 (`--norm-first`) helps grey images: test
accuracy of `train classifier` with each order, from the same seeds, in turns.

usage: HANDLOOM_DATA=DATA python -m benchmarks.norm_first SET [--seeds 0 1] [--epochs 5]

SET: digits, mnist, fashion-mnist or `fashion-mnist-600`, a folder of 600 of its training images,
taken evenly, and 2,000 of its test images. All else is the default of `train classifier`, which
holds back the same validation images for both orders. One JSON line a training, and a last one
with the gain of `--norm-first` on each seed, its mean and its standard error.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.data.images.dataset import Images
from handloom.data.images.load import load

FEW = "fashion-mnist-600"


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("set", choices=["digits", "mnist", "fashion-mnist", FEW])
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1])
    parser.add_argument("--epochs", type=int, help="the default of the data without")
    given = parser.parse_args()
    gains: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = few(Path(folder) / FEW) if given.set == FEW else given.set
        for seed in given.seeds:
            rows = {}
            for norm_first in (False, True) if seed % 2 == 0 else (True, False):
                out = f"{folder}/run-{seed}-{norm_first}"
                rows[norm_first] = measured(data, out, seed, norm_first, given.epochs)
                print(json.dumps({"set": given.set, **rows[norm_first]}), flush=True)
            for name in ("test", "test_loss", "valid_loss"):
                gains.setdefault(name, []).append(round(rows[True][name] - rows[False][name], 4))
    print(
        json.dumps({"set": given.set, "machine": machine(), "seeds": given.seeds, **summary(gains)})
    )


def measured(
    data: str, out: str, seed: int, norm_first: bool, epochs: int | None
) -> dict[str, Any]:
    """Accuracies in percent and losses of one training, of test and validation images."""
    chosen: dict[str, Any] = {"epochs": epochs} if epochs else {}
    began = time.process_time()
    run = handloom.train(
        "classifier", data, out=out, seed=seed, norm_first=norm_first, quiet=True, **chosen
    )
    minutes = (time.process_time() - began) / 60
    test = run.evaluation
    assert test is not None
    assert test["split"] == "test"
    return {
        "seed": seed, "norm_first": norm_first, "epochs": run.config["epochs"],
        "test": round(100 * test["accuracy"], 2), "test_loss": round(test["loss"], 4),
        "valid_loss": round(min(r["valid/loss"] for r in run.metrics if "valid/loss" in r), 4),
        "processor_minutes": round(minutes, 2),
    }  # fmt: skip


def summary(gains: dict[str, list[float]]) -> dict[str, Any]:
    """Gains with their mean and standard error over seeds."""
    return {
        name: {
            "gains": values,
            "mean": round(statistics.mean(values), 4),
            "error": round(statistics.stdev(values) / len(values) ** 0.5, 4)
            if len(values) > 1 else None,
        }
        for name, values in gains.items()
    }  # fmt: skip


def few(folder: Path) -> str:
    """A folder of class folders in train/ and test/."""
    data = load("fashion-mnist", seed=0)
    assert data.test is not None
    for split, images, count in (("train", data.train, 600), ("test", data.test, 2_000)):
        write(folder / split, images.subset(torch.arange(count) * len(images) // count))
    return str(folder)


def write(folder: Path, images: Images) -> None:
    from PIL import Image

    assert images.label is not None
    for row, (image, label) in enumerate(zip(images.image, images.label, strict=True)):
        place = folder / images.classes[int(label)].replace("/", "-")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.squeeze(-1).numpy()).save(place / f"{row}.png")


if __name__ == "__main__":
    main()
