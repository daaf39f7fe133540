"""What the evaluator says of images of known quality, and of trainings that are made to fail.

usage: HANDLOOM_DATA=DATA python -m benchmarks.health signs [--data mnist]
       python -m benchmarks.health pairs [--seeds 3] [--only NAME] [--epochs N]
Prints one JSON line per set of images, or per training. `signs` trains the
evaluator alone; `pairs` trains on the digits that ship inside scikit-learn.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.data.images.load import load
from handloom.jobs.gan.evaluator import evaluator_for
from handloom.metrics.gan_health import sample_warnings

PAIRS: dict[str, tuple[int | None, dict[str, Any]]] = {
    # training images (None: all), options of `train gan`
    "healthy": (None, dict(network="dcgan", epochs=200)),
    "few images, discriminator 20 times as fast": (
        200,
        dict(network="dcgan", epochs=200, discriminator_lr=6e-3, augment="none"),
    ),
    "100 images, memorised": (100, dict(network="dcgan", epochs=1500, augment="none")),
    "discriminator 300 times as fast": (
        None,
        dict(network="dcgan", epochs=60, lr=1e-5, discriminator_lr=3e-3, augment="none"),
    ),
    "dense GAN": (None, dict(network="dense", epochs=200, augment="none")),
}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["signs", "pairs"])
    parser.add_argument("--data", default="digits")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=PAIRS)
    parser.add_argument("--epochs", type=int, help="of pairs, fewer for a try")
    given = parser.parse_args()
    print(json.dumps({"machine": machine()}))
    if given.part == "signs":
        signs(given.data)
    else:
        for name in [given.only] if given.only else PAIRS:
            for seed in range(given.seeds):
                print(
                    json.dumps({"pair": name, "seed": seed} | pair(name, seed, given.epochs)),
                    flush=True,
                )


def signs(name: str) -> None:
    """The evaluator's figures for real images, copies, repetitions, missing classes and noise."""
    data = load(name)
    assert data.test is not None
    made = evaluator_for(None, data, torch.device("cpu"))
    began = time.perf_counter()
    made.fit()
    seconds = round(time.perf_counter() - began, 1)
    odd = torch.arange(1, len(data.test), 2)  # what is evaluated here comes from the even ones
    made = made.against(data.test.subset(odd), "every second one of the test split")
    print(json.dumps({"evaluator": made.protocol(2000), "seconds": seconds}))
    for what, image in sets(data).items():
        began = time.perf_counter()
        features = torch.cat([made.features(part) for part in image.split(500)])
        figures = {k: round(v.item(), 3) for k, v in made.metrics(features).items()}
        seconds = round(time.perf_counter() - began, 2)
        more = {"warnings": sample_warnings(figures), "seconds": seconds}
        print(json.dumps({"images": what, "n": len(image)} | figures | more), flush=True)


def sets(data: Any, most: int = 2000) -> dict[str, Tensor]:
    """Images (N, C, H, W) by what they are."""
    generator = torch.Generator().manual_seed(0)

    def some(images: Any) -> Tensor:
        rows = torch.randperm(len(images), generator=generator)[:most]
        return images.image[rows].permute(0, 3, 1, 2).float() / 255

    def noisy(image: Tensor, amount: float) -> Tensor:
        noise = amount * torch.randn(image.shape, generator=generator)
        return (image + noise).clamp(0, 1)

    assert data.test is not None
    test, train = data.test.subset(torch.arange(0, len(data.test), 2)), data.train
    label = test.label
    of = lambda rows: some(test.subset(rows.nonzero()[:, 0]))
    real, copied = some(test), some(train.subset(torch.arange(min(len(train), 10_000))))
    kinds = {"unseen real images": real}
    if len(train) <= 10_000:  # otherwise most copies are of images that are not searched
        kinds |= {
            "training images": copied,
            "training images, noise 0.02": noisy(copied, 0.02),
            "training images, noise 0.05": noisy(copied, 0.05),
        }
    return kinds | {
        "10 images repeated": real[:10].repeat(len(real) // 10, 1, 1, 1),
        "100 images repeated": real[:100].repeat(len(real) // 100, 1, 1, 1),
        "half of the classes": of(label < len(test.classes) // 2),
        "one class": of(label == 8),
        "noise 0.1 added": noisy(real, 0.1),
        "blurred, 3x3": avg_pool2d(real, 3, 1, 1),
        "means of two": (real + real.flip(0)) / 2,
        "noise alone": torch.rand(real.shape, generator=generator),
    }


def pair(name: str, seed: int, epochs: int | None = None) -> dict[str, Any]:
    """Train one, and what its run says at the end."""
    count, options = PAIRS[name]
    options = options if epochs is None else options | {"epochs": epochs}
    with tempfile.TemporaryDirectory() as folder:
        data = "digits" if count is None else few(Path(folder) / "few", count)
        out = Path(folder) / "run"
        began = time.perf_counter()
        handloom.train("gan", data, out=out, seed=seed, quiet=True, **options)
        run = handloom.open(out)
        evaluation = run.evaluation or {}
        last = [line for line in run.metrics if "valid/kernel_distance" in line][-1]
        shown = ("kernel_distance", "frechet_distance", "diversity", "nearest", "nearest_pixels")
        return {
            "minutes": round((time.perf_counter() - began) / 60, 2),
            "images": run.config["images"],
            "steps": last["step"],
            "kept": {key: evaluation[key] for key in shown},
            "last": {key: round(last[f"valid/{key}"], 4) for key in shown},
            "warnings": evaluation["warnings"],
        }


def few(folder: Path, count: int) -> str:
    """The first digits as PNG files in class folders, a fifth more than `count` to validate."""
    from PIL import Image

    train = load("digits", validation=0.0).train
    assert train.label is not None
    for i in range(count * 5 // 4):
        place = folder / train.classes[int(train.label[i])]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(train.image[i, :, :, 0].numpy()).save(place / f"{i}.png")
    return str(folder)


if __name__ == "__main__":
    main()
