"""What training images say of their mirror images, on data where the truth is known.

Usage: HANDLOOM_DATA=DATA python -m benchmarks.mirrored [--images 3000 1000 300] [--samples 10]

For each set and each number of images, over samples of them: how many say that mirrored images
keep their class, that they do not, and nothing; then the means of what decides it. Letters are
written with the fonts of matplotlib. Of `left and right boots` every second ankle boot is mirrored
and belongs to a class of its own, as gloves or ears would.
"""

import argparse
import random
import string
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.arguments import data_folder
from handloom.data.images.dataset import DataSet, Images
from handloom.data.images.load import load
from handloom.data.images.reading import Preprocessing
from handloom.jobs.classifier.mirror import Mirrored, mirrored

BOOT = 9  # Fashion-MNIST's class
TRUTH = {"digits": "lose", "mnist": "lose", "capital letters": "lose", "small letters": "lose",
         "left and right boots": "lose", "fashion-mnist": "keep", "cifar10": "keep",
         "cifar10 in grey": "keep", "clothing": "keep", "clothing in grey": "keep"}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(TRUTH), default=list(TRUTH))
    parser.add_argument("--images", type=int, nargs="+", default=[3000, 1000, 300])
    parser.add_argument("--samples", type=int, default=10)
    options = parser.parse_args()
    print(f"{'set':22}images  keep lose  none  recognized  mirrored  ratio  times the mistakes")
    for name in options.only:
        data = made(name)
        for images in options.images:
            if images > len(data.train):
                continue
            print(line(name, images, samples(data, images, options.samples)), flush=True)


def samples(data: DataSet, images: int, count: int) -> list[Mirrored]:
    """Of samples that share no image as long as there are enough."""
    tried = []
    generator = torch.Generator().manual_seed(0)
    order = torch.empty(0, dtype=torch.int64)
    for _ in range(count):
        if len(order) < images:
            order = torch.randperm(len(data.train), generator=generator)
        part = replace(data, train=data.train.subset(order[:images].sort().values))
        order = order[images:]
        seen = mirrored(part)
        assert seen is not None
        tried.append(seen)
    return tried


def line(name: str, images: int, tried: list[Mirrored]) -> str:
    keep = sum(seen.keep_class is True for seen in tried)
    lose = sum(seen.keep_class is False for seen in tried)
    plain = sum(seen.recognized for seen in tried) / len(tried)
    turned = sum(seen.mirrored for seen in tried) / len(tried)
    among = sum(seen.among_mirrored for seen in tried) / len(tried)
    return (
        f"{name:22}{images:6}  {keep:4} {lose:4}  {len(tried) - keep - lose:4}  "
        f"{100 * plain:9.1f}  {100 * turned:8.1f}  {turned / plain:5.2f}  "
        f"{(1 - among) / (1 - plain):.2f}"
    )


def made(name: str) -> DataSet:
    """A set by its name in TRUTH; without a validation split."""
    if name.startswith("clothing"):
        folder = data_folder() / "photos" / "clothing"
        return load(folder, channels=1 if "grey" in name else 3, validation=0.0)
    if name.endswith("letters"):
        letters = string.ascii_uppercase if "capital" in name else string.ascii_lowercase
        return written(letters, 300)
    if name.startswith("cifar10"):
        return load("cifar10", channels=1 if "grey" in name else None, validation=0.0)
    if name == "left and right boots":
        return with_two_boots(load("fashion-mnist", validation=0.0))
    return load(name, validation=0.0)


def with_two_boots(data: DataSet) -> DataSet:
    """Every second boot looks the other way, and is a class of its own."""
    train = data.train
    assert train.label is not None
    image, label = train.image.clone(), train.label.clone()
    boots = torch.nonzero(label == BOOT)[::2, 0]
    image[boots] = image[boots].flip(2)
    label[boots] = len(train.classes)
    return replace(data, train=Images(image, label, (*train.classes, "right boot"), train.names))


def written(letters: str, count: int) -> DataSet:
    """Letters of 28x28 pixels, slanted, turned and moved a little."""
    chance, classes = random.Random(0), list(letters)
    names = sorted(name for name in fonts() if name.stem.startswith(("DejaVuS", "STIXGeneral")))
    image = [drawn(letter, chance.choice(names), chance) for letter in classes * count]
    label = torch.arange(len(image)) % len(classes)
    keys = tuple(f"train/{row}" for row in range(len(image)))
    train = Images(torch.stack(image)[..., None], label, tuple(classes), keys)
    shape: Preprocessing = {"size": [28, 28], "channels": 1, "fit": "crop"}
    return DataSet("letters", train, None, None, (), (), "0" * 32, shape)


def fonts() -> list[Path]:
    import matplotlib

    return list(Path(matplotlib.get_data_path(), "fonts", "ttf").glob("*.ttf"))


def drawn(letter: str, font: Path, chance: random.Random) -> Tensor:
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    canvas = Image.new("L", (48, 48))
    place = (24 + chance.randint(-3, 3), 24 + chance.randint(-3, 3))
    kind = ImageFont.truetype(str(font), chance.randint(26, 36))
    ImageDraw.Draw(canvas).text(place, letter, fill=255, font=kind, anchor="mm")
    slant = (1, chance.uniform(-0.2, 0.2), 0, chance.uniform(-0.1, 0.1), 1, 0)
    turned = canvas.transform((48, 48), Image.Transform.AFFINE, slant, Image.Resampling.BILINEAR)
    turned = turned.rotate(chance.uniform(-12, 12), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(turned.resize((28, 28), Image.Resampling.BILINEAR)))


if __name__ == "__main__":
    main()
