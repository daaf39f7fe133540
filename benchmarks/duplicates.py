"""How many copies are found, and how many frames of a camera are taken for copies.

usage: HANDLOOM_DATA=DATA python -m benchmarks.duplicates

Every fourth of the 400 clothing photos, each with one changed copy; 60 frames drawn from a photo as
a camera records them; the 10,000 test images of CIFAR-10. Prints a share of copies that are grouped
with their original, the number of different photos that are grouped, how many groups 60 frames fall
into, and the groups of CIFAR-10.
"""

import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from benchmarks.arguments import parser_of
from handloom.data.images.duplicates import near
from handloom.data.images.grouping import members
from handloom.data.images.load import load

DATA = Path(os.environ.get("HANDLOOM_DATA", ""))
Change = Callable[[Image.Image], Image.Image]
SIDE = 64


def saved(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def resized(image: Image.Image, part: float) -> Image.Image:
    return image.resize((round(part * image.width), round(part * image.height)))


def cut(share: float) -> Change:
    """Cut by so much of each side on average, anywhere."""
    random = np.random.RandomState(0)

    def change(image: Image.Image) -> Image.Image:
        width, height = (round((1 - 2 * share) * side) for side in image.size)
        x = int(random.randint(0, image.width - width + 1))
        y = int(random.randint(0, image.height - height + 1))
        return image.crop((x, y, x + width, y + height))

    return change


CHANGES: dict[str, Change] = {
    "saved with quality 30": lambda image: saved(image, 30),
    "half the size, quality 50": lambda image: saved(resized(image, 0.5), 50),
    "a quarter of the size": lambda image: resized(image, 0.25),
    "contrast 0.7": lambda image: ImageEnhance.Contrast(image).enhance(0.7),
    "brighter by 15 %": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
    "cut by 1 % a side": cut(0.01),
    "cut by 2 % a side": cut(0.02),
    "cut by 5 % a side": cut(0.05),
    "cut by 10 % a side": cut(0.10),
    "turned by 1.5 degrees": lambda image: image.rotate(1.5, Image.Resampling.BICUBIC),
}


def frame(kind: str, number: int, scene: Image.Image) -> Image.Image:
    random = np.random.RandomState(number)
    shift = 3 * number if kind == "the camera turns" else 50
    pixels = np.asarray(scene.crop((shift, 20, shift + 256, 276)), float).copy()
    if kind == "something passes":
        pixels[120:170, 20 + 3 * number : 60 + 3 * number] = (200, 60, 40)
    noise = 12 if kind == "a noisy sensor" else 4
    pixels += random.normal(0, noise, (256, 256, 1)) + random.normal(0, 3)
    return saved(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), 90)


def stacked(images: list[Image.Image]) -> Tensor:
    fitted = [ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BILINEAR) for image in images]
    return torch.from_numpy(np.stack([np.asarray(image) for image in fitted]))


def main() -> None:
    parser_of(__doc__).parse_args()
    files = sorted((DATA / "photos/clothing").glob("*/*"))
    photos = [Image.open(path).convert("RGB") for path in files]
    groups = near(stacked(photos), lambda *_: None)
    print(f"{len(photos)} different photos: {len(photos) - len(groups.copies.unique())} grouped")
    some = photos[::4]
    for name, change in CHANGES.items():
        copies = near(stacked([*some, *map(change, some)]), lambda *_: None).copies
        share = (copies[: len(some)] == copies[len(some) :]).float().mean()
        print(f"{name}: {100 * share:.0f} % found")
    scene = Image.open(DATA / "pictures/tubingen.jpg").convert("RGB").resize((480, 320))
    for kind in ("a still scene", "a noisy sensor", "something passes", "the camera turns"):
        frames = stacked([frame(kind, number, scene) for number in range(60)])
        copies, alike, _ = near(frames, lambda *_: None)
        print(f"{kind}: {len(copies.unique())} groups of copies, {len(alike.unique())} alike")
    cifar = load("cifar10").test
    assert cifar is not None
    began = time.process_time()
    copies = near(cifar.image, lambda *_: None).copies
    seconds = time.process_time() - began
    print(f"CIFAR-10, {len(copies):,} images: {members(copies)} in {seconds:.1f} s of one core")


if __name__ == "__main__":
    main()
