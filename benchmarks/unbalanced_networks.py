"""Does making classes equal help a network trained from scratch? Chosen by validation alone.

Usage: python -m benchmarks.unbalanced_networks DATA [--most 60] [--ratios 5 10 20] [--repeats 4]

Classes of a named set (digits, mnist, fashion-mnist, cifar10) are thinned out geometrically as in
benchmarks/unbalanced.py, from MOST images to MOST / RATIO. The default network is trained on four
fifths of them without weights, with --class-weights balanced and with --sampler balanced; the rest
validates, and chooses the epoch as training does, and which of the three is best by macro F1. What
is printed is of the test split, its classes weighted as frequent as those of the thinned set.
"""

import argparse
import statistics
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from benchmarks.machine import machine
from benchmarks.unbalanced import thinned
from handloom.config import check
from handloom.data.images.dataset import DataSet
from handloom.engine.callbacks.best import BestEpoch
from handloom.engine.inference import logits_of
from handloom.engine.loop import Callback, Fit
from handloom.jobs.classifier import scratch
from handloom.jobs.classifier.build import load
from handloom.jobs.classifier.config import Config

WAYS: dict[str, dict[str, Any]] = {
    "none": {},
    "weights": {"class_weights": "balanced"},
    "sampler": {"sampler": "balanced"},
}


class Best(Callback):
    """Macro F1 of the validation images, and test logits, of the best epoch."""

    def __init__(self, image: Tensor) -> None:
        self.image, self.best = image, BestEpoch()
        self.macro_f1, self.logits = 0.0, torch.empty(0)

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        if self.best.update(fit.experiment, fit.progress.epoch, record):
            network = fit.experiment.networks["network"]
            was_training = network.training
            self.logits = logits_of(network.eval(), self.image, fit.experiment.precision)
            network.train(was_training)
            self.macro_f1 = record["valid/macro_f1"]


def unequal(data: DataSet, ratio: float, most: int, seed: int) -> DataSet:
    """The set with a training split thinned out, of which a fifth of each class validates."""
    assert data.train.label is not None
    rows = thinned(data.train.label, ratio, most, seed)
    place = torch.empty(len(rows), dtype=torch.int64)
    label = data.train.label[rows]
    for number in label.unique():
        own = torch.nonzero(label == number)[:, 0]
        place[own] = torch.arange(len(own))
    valid = place % 5 == 1  # one at least of two
    return replace(
        data, train=data.train.subset(rows[~valid]), valid=data.train.subset(rows[valid])
    )


def trained(data: DataSet, seed: int, options: dict[str, Any]) -> Best:
    """One training in one of the ways."""
    assert data.test is not None
    config = check(Config, {"network": "resnet", "seed": seed, **options})
    torch.manual_seed(seed)
    built = scratch.build(scratch.resolve(config, data), data, torch.device("cpu"))
    best = Best(data.test.image)
    Fit(built.experiment, [best]).run()
    return best


def score(logits: Tensor, label: Tensor, share: Tensor) -> tuple[float, float]:
    """Macro F1 and accuracy in per cent, were classes as frequent as `share` (K,) says."""
    classes = len(share)
    count = torch.bincount(label * classes + logits.argmax(1), minlength=classes**2).double()
    confusion = count.view(classes, classes)
    confusion = confusion / confusion.sum(1, keepdim=True) * share[:, None]
    right = confusion.diagonal()
    f1 = 2 * right / (confusion.sum(0) + confusion.sum(1)).clamp_min(1e-12)
    return 100 * f1.mean().item(), 100 * right.sum().item()


def table(data: DataSet, options: argparse.Namespace) -> None:
    """A line for each ratio, over repeats."""
    assert data.test is not None
    assert data.test.label is not None
    print(f"{data.name}: macro F1 (accuracy), {options.repeats} repeats; {machine()}")
    ways = "  ".join(f"{way:13}" for way in (*WAYS, "chosen"))
    print(f"ratio  images  {ways}  gain over none")
    for ratio in options.ratios:
        scores: dict[str, list[tuple[float, float]]] = {way: [] for way in (*WAYS, "chosen")}
        for seed in range(options.repeats):
            part = unequal(data, ratio, options.most, seed)
            assert part.train.label is not None
            share = part.train.label.bincount(minlength=len(part.train.classes)).double()
            runs = {way: trained(part, seed, given) for way, given in WAYS.items()}
            for way, run in runs.items():
                scores[way].append(score(run.logits, data.test.label, share / share.sum()))
            best = max(WAYS, key=lambda way: runs[way].macro_f1)
            scores["chosen"].append(scores[best][-1])
        print(_line(ratio, len(part.train), scores), flush=True)


def _line(ratio: float, images: int, scores: dict[str, list[tuple[float, float]]]) -> str:
    cells = [
        f"{statistics.mean(f1 for f1, _ in pairs):5.2f} "
        f"({statistics.mean(right for _, right in pairs):5.2f})"
        for pairs in scores.values()
    ]
    gains = [
        f"{way} {statistics.mean(gain):+.2f} ± {_error(gain):.2f}"
        for way, pairs in scores.items()
        if way != "none"
        for gain in [[a[0] - b[0] for a, b in zip(pairs, scores["none"], strict=True)]]
    ]
    return f"{ratio:5g}  {images:6d}  {'  '.join(cells)}  {', '.join(gains)}"


def _error(gains: list[float]) -> float:
    return statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default="digits")
    parser.add_argument("--most", type=int, default=60, help="training images of the first class")
    parser.add_argument("--ratios", type=float, nargs="+", default=[5, 10, 20])
    parser.add_argument("--repeats", type=int, default=4)
    options = parser.parse_args()
    config = check(Config, {"network": "resnet", "validation": 0.0})
    table(load(config, options.data, lambda *_: None), options)


if __name__ == "__main__":
    main()
