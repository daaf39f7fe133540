"""A classifier on a pretrained encoder: its head, and tuning it, over five folds.

usage: python -m benchmarks.photos FOLDER [--network timm:tf_efficientnet_lite0] [--weights FILE]
           [--seeds 0 1 2] [--only 0 1] [--crops 160,0.4 224,0.75]
           [--views] [--tune [--answers]] [--option epochs=12 lr=3e-4 ...] [--device cpu]

Every image is classified once a seed, by a network that has not seen it: the strength of the head
is chosen within the other four folds. Beside it, on the same folds: a head whose strength is the
one of the best accuracy alone, a head without the roots, one that saw mirror images too, logistic
regression on standardized features with scikit-learn's C = 1 (the ten lines), and the nearest
neighbour by cosine.
--views: instead of these, a head on photos with the margin around them cut away, as the network's
publishers validate it, and one that has the features of whole photos, stretched, beside those of
their middle.
--tune: instead of these, the layers are tuned after the head, with the job's own defaults but for
--option; with the gain of every fold over the head, and their mean with its standard error. Beside
it what else the same training could answer: its weights at other shares of the way from those
before it, the mean of its log-probabilities and the head's, and a head solved anew on its features.
--answers: with --tune, what the same training answers to larger images than it was trained on, to
whole photos, stretched or padded, and to both; and the head, solved on features of such views.
--only: these folds.
--crops SIDE,SHARE: a head that is solved on four augmented copies of every photo, random crops that
keep that share at least, scaled to that side, and is tested on whole photos: what the augmentation
does by itself, without a step of tuning. The rivals are left out then too.
Prints a JSON line a seed, and means with the standard deviation over seeds.
"""

import argparse
import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from benchmarks.photo_answers import Asked, views_of
from benchmarks.photo_heads import (
    doubled,
    head,
    most_accurate,
    rivals,
    solved_head,
    without_roots,
)
from benchmarks.photo_tuning import tuned
from handloom.config import check
from handloom.data.images.reading import Preprocessing
from handloom.encoders import Encoder, find
from handloom.encoders.features import of_images
from handloom.engine.memory import keep_freed_memory
from handloom.jobs.classification.linear_head import solve
from handloom.jobs.classifier import pretrained
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.trials import fold_of
from handloom.jobs.images.data import load_images
from handloom.models.image.transferred import RootHead
from handloom.models.layers.augment import Augment
from handloom.models.layers.photo_augment import PhotoAugment

FOLDS = 5
COPIES = 4  # of every photo, of those that are augmented
COLOR = 0.2


def augmented(image: Tensor, encoder: Encoder, side: int, share: float) -> Tensor:
    """Features (COPIES, N, D) of photos as tuning sees them, flipped in half of the copies."""
    augment = nn.Sequential(PhotoAugment((side, side), share, COLOR), Augment(hflip=True))
    copies = []
    for _ in range(COPIES):
        changed = [augment(part.permute(0, 3, 1, 2) / 255) for part in image.split(encoder.batch)]
        pixels = torch.cat(changed).permute(0, 2, 3, 1).mul(255).round().to(torch.uint8)
        copies.append(encoder(pixels))
    return torch.stack(copies)


def on_crops(copies: Tensor, features: Tensor, label: Tensor, seen: Tensor, classes: int) -> Tensor:
    """Which whole photos are named rightly by a head that saw augmented ones, float (M,)."""
    made = RootHead(features.shape[1], classes)
    known = copies[:, seen].flatten(0, 1)
    solve(made, known, label[seen].repeat(COPIES), pretrained.STRENGTH / COPIES, False)
    with torch.no_grad():
        return (made(features[~seen]).argmax(1) == label[~seen]).float()


def other_views(given: argparse.Namespace, encoder: Encoder, features: Tensor) -> dict[str, Tensor]:
    """Features of the photos as the network is validated, and of whole photos beside `features`."""
    views = []
    own = encoder.preprocessing
    whole: Preprocessing = {**own, "fit": "stretch", "crop": 1.0}
    for shape, fit in ((own, None), (whole, "stretch")):
        config = check(Config, {"network": given.network, "fit": fit})
        data = load_images(config, given.folder, lambda *_: None, 0.0, preprocessing=shape)
        views.append(pretrained.features_of(data.train, encoder))
    return {"with its margin": views[0], "beside whole": torch.cat([features, views[1]], 1)}


def measure(given: argparse.Namespace, data: Any, seed: int) -> dict[str, Any]:
    """Accuracy of every way over the folds of one seed, in percent."""
    label, classes = data.train.label, len(data.train.classes)
    encoder = find(given.network, given.weights, torch.device(given.device))
    features = pretrained.features_of(data.train, encoder)
    mirrored = of_images(data.train.image, encoder, mirrored=True)
    views = other_views(given, encoder, features) if given.views else {}
    asked = views_of(data, encoder) if given.answers else None
    torch.manual_seed(seed)
    crops = {crop: augmented(data.train.image, encoder, *crop) for crop in given.crops}
    fold = replace(data, seed=seed).folds(FOLDS)
    right, began = dict[str, list[Tensor]](), time.monotonic()
    for held_out in given.only:
        seen = fold != held_out
        ways = {"head": head(features, label, seen, fold, classes)}
        ways |= {name: head(view, label, seen, fold, classes) for name, view in views.items()}
        if not (given.tune or given.crops or given.views):
            ways["most accurate strength"] = most_accurate(features, label, seen, fold, classes)
            ways["without roots"] = without_roots(features, label, seen, fold)
            ways["mirrored too"] = head(*doubled(features, mirrored, label, seen, fold), classes)
            ways |= rivals(features, label, seen)
        for (side, share), copies in crops.items():
            solved = on_crops(copies, features, label, seen, classes)
            ways[f"crops from {share:g} at {side}"] = solved
        if given.tune:
            made, strength = solved_head(features[seen], label[seen], fold[seen], classes)
            with torch.no_grad():
                logits = made(features[~seen])
            part = fold_of(data, fold, held_out)
            others = None if asked is None else Asked(asked, label, seen)
            ways |= tuned(given, part, encoder, seed, strength, logits, others)
        for name, right_here in ways.items():
            right.setdefault(name, []).append(right_here)
        known = {name: round(100 * float(rows.mean()), 2) for name, rows in ways.items()}
        print(f"seed {seed}, fold {held_out}:", known, file=sys.stderr, flush=True)
    record: dict[str, Any] = {
        name: round(100 * float(torch.cat(rows).mean()), 2) for name, rows in right.items()
    }
    if given.tune:
        pairs = zip(right["tuned"], right["head"], strict=True)
        gains = [100 * float(after.mean() - before.mean()) for after, before in pairs]
        record["gains"] = [round(gain, 2) for gain in gains]
        record["gain"] = round(statistics.mean(gains), 2)
        if len(gains) > 1:
            record["standard error"] = round(statistics.stdev(gains) / len(gains) ** 0.5, 2)
    return {"seed": seed, "folds": len(given.only), **record,
            "seconds": round(time.monotonic() - began), "machine": machine()}  # fmt: skip


def option(text: str) -> tuple[str, Any]:
    """NAME=VALUE of the job, the value as JSON."""
    name, _, value = text.partition("=")
    return name, json.loads(value)


def crop(text: str) -> tuple[int, float]:
    """SIDE,SHARE."""
    side, share = text.split(",")
    return int(side), float(share)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("folder")
    parser.add_argument("--network", default="timm:tf_efficientnet_lite0")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", type=int, nargs="+", default=list(range(FOLDS)))
    parser.add_argument("--views", action="store_true")
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--answers", action="store_true")
    parser.add_argument("--option", type=option, nargs="+", default=[])
    parser.add_argument("--crops", type=crop, nargs="+", default=[])
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    keep_freed_memory()
    tune = "all" if given.tune else None
    options = {"network": given.network, "validation": 0.0, "tune": tune} | dict(given.option)
    config = check(Config, options)
    data = pretrained.load(config, given.folder, lambda *_: None)
    data = replace(data, valid=None)
    records = []
    for seed in given.seeds:
        records.append(measure(given, data, seed))
        print(json.dumps(records[-1]), flush=True)
    left_out = ("seed", "folds", "gains", "standard error", "seconds", "machine")
    for name in [key for key in records[0] if key not in left_out]:
        values = [record[name] for record in records]
        spread = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
        print(f"{name}: {statistics.mean(values):.2f}{spread} %, n = {len(values)}")


if __name__ == "__main__":
    main()
