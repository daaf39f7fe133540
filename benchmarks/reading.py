"""How fast JPEGs come into the cache, beside the decoder alone and timm's and fastai's own loops.

Usage: HANDLOOM_DATA=DATA python -m benchmarks.reading FOLDER [--make 10000] [--size 64] [--n 3]

Into a FOLDER without JPEGs it first writes `--make` of them, about 400x300 pixels in ten classes:
crops of the photos of `photos/clothing` with an image of CIFAR-10 laid over, no two alike.

`cache` is what a training does before its first step: list, digest, look into, decode, store, look
for copies and divide, with an empty cache. `decode` is the decoder alone, on all cores, to the same
pixels. timm and fastai decode a share of the files to tensors by their own transforms and loaders,
with a worker for each core: an epoch without a network. All in turns; the least seconds of each.
fastai is optional: pip install fastai.
"""

import argparse
import json
import os
import random
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from benchmarks.arguments import data_folder
from benchmarks.machine import machine
from handloom.data.images.chunks import CHUNK, decode_chunk
from handloom.data.images.decode import Treatment, quiet
from handloom.data.images.load import load
from handloom.data.io.parallel import in_chunks

SIDES, CLASSES, QUALITY = (400, 300), 10, 85


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--make", type=int, default=10_000, help="JPEGs to write where none are")
    parser.add_argument("--size", type=int, default=64, help="pixels a side that are decoded to")
    parser.add_argument("--rivals", type=int, default=2_000, help="files that timm and fastai read")
    parser.add_argument("--only", nargs="+", choices=list(LOOPS), default=list(LOOPS))
    parser.add_argument("--n", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if not list(options.folder.glob("*/*.jpg")):
        make(options.folder, options.make)
    print(json.dumps(compared(options)), flush=True)


def make(folder: Path, count: int) -> None:
    """Write the JPEGs, the same ones every time."""
    data = data_folder()
    photos = sorted((data / "photos" / "clothing").rglob("*.jpg"))
    small = load("cifar10", validation=0.0).train.image
    for number in range(count):
        chance = random.Random(number)
        photo = Image.open(photos[number % len(photos)]).convert("RGB")
        width, height = (side + chance.randrange(-40, 41) for side in SIDES)
        scale = max(width / photo.width, height / photo.height) * chance.uniform(1, 1.3)
        photo = photo.resize((round(photo.width * scale) + 1, round(photo.height * scale) + 1))
        left, top = (chance.randrange(a - b + 1) for a, b in zip(photo.size, (width, height)))
        part = photo.crop((left, top, left + width, top + height))
        other = Image.fromarray(small[number % len(small)].numpy()).resize((width, height))
        path = folder / f"class-{number % CLASSES}" / f"{number:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.blend(part, other, 0.5).save(path, quality=QUALITY)


def compared(options: argparse.Namespace) -> dict[str, Any]:
    """Images a second of each, by the clock and of a processor, and the ratios to the decoder."""
    paths = sorted(options.folder.glob("*/*.jpg"))
    count = {"decode": len(paths), "cache": len(paths)}
    least: dict[str, list[float]] = {}
    left_out = {}
    for _ in range(options.n):
        for name in options.only:
            part = paths[: count.setdefault(name, min(options.rivals, len(paths)))]
            try:
                seconds = measured(partial(LOOPS[name], options.folder, part, options.size))
            except ImportError as error:
                left_out[name] = str(error)
                continue
            known = least.setdefault(name, seconds)
            least[name] = [min(a, b) for a, b in zip(known, seconds, strict=True)]
    each = {name: [s / count[name] for s in seconds] for name, seconds in least.items()}
    return {
        "images": count,
        "size": options.size,
        "images_per_second": {name: round(1 / wall) for name, (wall, _) in each.items()},
        "processor_ms_an_image": {name: round(1000 * cpu, 2) for name, (_, cpu) in each.items()},
        "times_the_decoder": {name: round(wall / each["decode"][0], 2)
                              for name, (wall, _) in each.items() if "decode" in each},
        "left_out": left_out,
        "cores": os.cpu_count(),
        "n": options.n,
        "machine": machine(),
    }  # fmt: skip


def measured(loop: Callable[[], object]) -> list[float]:
    """Seconds by the clock, and of processor with child processes."""
    before, began = processor(), time.perf_counter()
    loop()
    return [time.perf_counter() - began, processor() - before]


def processor() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def decoded(folder: Path, paths: list[Path], size: int) -> int:
    treatment = Treatment(size, size, 3, "crop")
    with quiet():
        return sum(len(c.rows) for c in in_chunks(partial(decode_chunk, treatment), paths, CHUNK))


def cached(folder: Path, paths: list[Path], size: int) -> int:
    place = tempfile.mkdtemp(dir=folder.parent)
    os.environ["HANDLOOM_CACHE"] = place
    try:
        return len(load(folder, size=size).train)
    finally:
        shutil.rmtree(place)


def by_timm(folder: Path, paths: list[Path], size: int) -> int:
    """timm's transform for validation, its dataset and its loader, as validate.py makes them."""
    from timm.data.dataset import ImageDataset
    from timm.data.loader import create_loader

    dataset = ImageDataset(str(folder))
    dataset.reader.samples = dataset.reader.samples[: len(paths)]
    loader = create_loader(
        dataset, (3, size, size), 64, num_workers=os.cpu_count() or 1, use_prefetcher=False,
        device=torch.device("cpu"), persistent_workers=False,
    )  # fmt: skip
    return sum(len(image) for image, _ in loader)


def by_fastai(folder: Path, paths: list[Path], size: int) -> int:
    """As fastai's first lesson has it: a folder of classes, `Resize` as the transform of items."""
    from fastai.vision.augment import Resize
    from fastai.vision.data import ImageDataLoaders

    names = [path.parent.name for path in paths]
    loaders = ImageDataLoaders.from_lists(
        folder, paths, names, valid_pct=0.2, item_tfms=Resize(size), bs=64,
        num_workers=os.cpu_count(), device=torch.device("cpu"),
    )  # fmt: skip
    count = 0
    for loader in (loaders.train, loaders.valid):
        for image, _ in loader:
            count += len(Tensor(image))
    return count


LOOPS: dict[str, Callable[[Path, list[Path], int], int]] = {
    "decode": decoded,
    "cache": cached,
    "timm": by_timm,
    "fastai": by_fastai,
}

if __name__ == "__main__":
    main()
