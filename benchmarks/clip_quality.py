"""CLIP trained on captions made of class names, measured on images that it did not see.

    python -m benchmarks.clip_quality photos PHOTOS [--seeds 0 1 2] [-- --text transformer ...]
    python -m benchmarks.clip_quality run RUN SET [--images 500]
    python -m benchmarks.clip_quality scenes [--count 3000] [-- --text transformer ...]

photos: a folder of class folders, in five folds. CLIP is trained on four, and every encoder is
measured on the fifth alone, each image a query among the other images of the fold (so figures are
not those of `benchmarks.search_quality`, whose collection is five times as large). run: a CLIP run
of a named set, on its test images. Words: the query "a photo of a CLASS", and a sentence that was
not among the captions, for each class; precision@5 and mean average precision over its images, and
how many images are nearest to the words of their class.

scenes: two coloured figures above or beside each other, with captions in which the order of words
matters: recall on held-out images. What stands after -- are options of the training.
"""

import csv
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

import handloom
from benchmarks.arguments import parser_of
from benchmarks.search_quality import Array, all_encoders, quality
from handloom.data.images.decode import decode
from handloom.data.images.listing.folder import list_folder
from handloom.encoders.bulk import encode
from handloom.encoders.encoder import Encoder
from handloom.encoders.features import of_images
from handloom.jobs.images.encoding import find_encoder
from handloom.search.vectors import normalized

FOLDS = 5
KNOWN, UNSEEN = "a photo of a {}", "a picture that shows a {}"
COLOURS = {"red": (220, 40, 40), "green": (40, 180, 60), "blue": (50, 70, 220),
           "yellow": (230, 210, 40), "black": (20, 20, 20), "purple": (150, 40, 170)}  # fmt: skip
FIGURES = ("square", "circle", "triangle")
TURNED = {"above": "below", "left of": "right of"}


def main() -> None:
    parser = parser_of(__doc__)
    parts = parser.add_subparsers(dest="what", required=True)
    photos = parts.add_parser("photos")
    photos.add_argument("photos", type=Path)
    photos.add_argument("--seeds", nargs="*", type=int, default=[0])
    run = parts.add_parser("run")
    run.add_argument("run", type=Path)
    run.add_argument("set")
    run.add_argument("--images", type=int, default=500)
    scenes = parts.add_parser("scenes")
    scenes.add_argument("--count", type=int, default=3_000)
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    given, options = parser.parse_args(words[:end]), training_options(words[end + 1 :])
    if given.what == "photos":
        of_photos(given.photos, given.seeds, options)
    elif given.what == "run":
        of_run(given.run, given.set, given.images)
    else:
        of_scenes(given.count, options)


def training_options(words: Sequence[str]) -> dict[str, str]:
    """--epochs 3 --text bag as a dictionary."""
    names = [word.removeprefix("--").replace("-", "_") for word in words[::2]]
    return dict(zip(names, words[1::2], strict=True))


def of_photos(folder: Path, seeds: Sequence[int], options: dict[str, Any]) -> None:
    """Means over folds for each seed, which decides the folds too; then means and standard
    deviations over seeds, a line for each encoder."""
    listing = list_folder(folder, labelled=True)
    assert listing.label is not None
    labels = np.array([listing.classes[label] for label in listing.label])
    paths = np.array([str(path) for path in listing.paths])
    before = {name: embedded(paths, encoder) for name, encoder in all_encoders().items()}
    rows: dict[str, list[dict[str, float]]] = {}
    for seed in seeds:
        of_seed: dict[str, list[dict[str, float]]] = {}
        fold = folds(labels, seed)
        for number in range(FOLDS):
            out = fold == number
            run = trained(paths, labels, out, seed, options)
            for name, vectors in before.items():
                of_seed.setdefault(name, []).append(quality(vectors[out], list(labels[out])))
            encoder = find_encoder(run)
            vectors = embedded(paths[out], encoder)
            words = by_words(encoder, vectors, labels[out])
            of_seed.setdefault("CLIP", []).append(quality(vectors, list(labels[out])) | words)
        for name, measured_rows in of_seed.items():
            rows.setdefault(name, []).append(means(measured_rows))
            say(name, options, {"seed": seed}, rows[name][-1:])
    for name, measured_rows in rows.items():
        say(name, options, {"seeds": len(seeds), "spread": spreads(measured_rows)}, measured_rows)


def say(
    name: str, options: dict[str, Any], known: dict[str, Any], rows: Sequence[dict[str, float]]
) -> None:
    print(json.dumps({"encoder": name, **options, **known, **means(rows)}), flush=True)


def folds(labels: Array, seed: int) -> Array:
    """The fold of each image (N,), every class spread over all."""
    generator = np.random.default_rng(seed)
    fold = np.empty(len(labels), np.int64)
    for name in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == name))
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def trained(paths: Array, labels: Array, out: Array, seed: int, options: dict[str, Any]) -> Path:
    """A run that is trained on the images that are not `out`."""
    place = Path(tempfile.mkdtemp(prefix="clip"))
    with (place / "photos.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "label"])
        writer.writerows((path, label) for path, label in zip(paths[~out], labels[~out]))
    run = handloom.train("clip", place / "photos.csv", out=place / "run", seed=seed,
                         validation=0.0, quiet=True, **options)  # fmt: skip
    return run.path


def embedded(paths: Sequence[str] | Array, encoder: Encoder) -> Array:
    """Vectors (N, D) of length 1 of files."""
    images = torch.stack([decode(path, encoder.preprocessing) for path in paths])
    return normalized(of_images(images, encoder).numpy())


def by_words(encoder: Encoder, vectors: Array, labels: Array) -> dict[str, float]:
    """What words find, in sentences that are among the captions and in others."""
    names = np.unique(labels)
    found: dict[str, float] = {}
    for kind, sentence in (("known", KNOWN), ("unseen", UNSEEN)):
        texts = [sentence.replace("{}", str(name).replace("_", " ")) for name in names]
        scores = normalized(encoder.texts(texts).numpy()) @ vectors.T  # (K, N)
        precision, average = [], []
        for name, row in zip(names, scores, strict=True):
            right = labels[np.argsort(-row, kind="stable")] == name
            precision.append(right[:5].mean())
            shares = right.cumsum() / np.arange(1, len(right) + 1)
            average.append((shares * right).sum() / right.sum())
        nearest = names[scores.argmax(axis=0)]
        found |= {f"{kind}_precision_at_5": float(np.mean(precision)),
                  f"{kind}_map": float(np.mean(average)),
                  f"{kind}_accuracy": float((nearest == labels).mean())}  # fmt: skip
    return found


def of_run(path: Path, name: str, count: int) -> None:
    """A run of a named set, on its test images; words on all of them."""
    from handloom.data.images.load import load_for_run

    encoder = find_encoder(path)
    data = load_for_run(name, encoder.preprocessing)
    assert data.test is not None
    assert data.test.label is not None
    labels = np.array([data.test.classes[int(label)] for label in data.test.label])
    vectors = normalized(encode(data.test.image, encoder).numpy())
    rows = np.arange(count) * len(labels) // count
    row = quality(vectors[rows], list(labels[rows])) | by_words(encoder, vectors, labels)
    print(json.dumps({"run": str(path), "images": count, **means([row])}), flush=True)


def of_scenes(count: int, options: dict[str, Any]) -> None:
    """Recall of a training on drawn scenes, of which a fifth is held out."""
    table = drawn_scenes(Path(tempfile.mkdtemp(prefix="scenes")), count)
    run = handloom.train("clip", table, out=table.parent / "run", quiet=True,
                         **({"size": 48, "epochs": 30} | options))  # fmt: skip
    print(json.dumps({**options, **(run.evaluation or {})}), flush=True)


def drawn_scenes(folder: Path, count: int) -> Path:
    """Images of two figures and a table of their captions, in one of two forms each."""
    from PIL import Image, ImageDraw

    chance, rows = random.Random(0), [("image", "text")]
    for number in range(count):
        image = Image.new("RGB", (48, 48), (235, 235, 235))
        pencil = ImageDraw.Draw(image)
        first, second = ((chance.choice(list(COLOURS)), chance.choice(FIGURES)) for _ in range(2))
        where, side = chance.choice(list(TURNED)), chance.randint(14, 19)
        places = ((12, 2), (12, 27)) if where == "above" else ((2, 12), (27, 12))
        for (colour, figure), (left, top) in zip((first, second), places, strict=True):
            x, y = left + chance.randint(-2, 2), top + chance.randint(-2, 2)
            box = (max(0, x), max(0, y), x + side, y + side)
            if figure == "triangle":
                corners = [(box[0], box[3]), (box[2], box[3]), ((box[0] + box[2]) // 2, box[1])]
                pencil.polygon(corners, COLOURS[colour])
            else:
                draw = pencil.rectangle if figure == "square" else pencil.ellipse
                draw(box, COLOURS[colour])
        image.save(folder / f"{number}.png")
        one, other = (" ".join(("a", *each)) for each in (first, second))
        forms = (f"{one} {where} {other}", f"{other} {TURNED[where]} {one}")
        rows.append((f"{number}.png", chance.choice(forms)))
    with (folder / "scenes.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / "scenes.csv"


def means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Of every figure."""
    return {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}


def spreads(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Standard deviations of every figure, of a sample; 0 of one."""
    ddof = min(1, len(rows) - 1)
    return {
        name: round(float(np.std([row[name] for row in rows], ddof=ddof)), 4) for name in rows[0]
    }


if __name__ == "__main__":
    main()
