"""Does weighting the classes help a head where they are unequal? Chosen by folds, told by others.

Usage: python -m benchmarks.unbalanced [--photos FOLDER] [--repeats 6]

Classes are thinned out geometrically, from all images of the first to 1 / RATIO of them in the
last, in an order of classes of its own for each repeat. Every outer fold is answered by heads that
were solved on the others: unweighted, balanced, and balanced where the macro F1 that it gains over
folds of the other images is more than 0, 1 or 2 standard errors of the folds' gains (training takes
`linear_head.CLEAR`). Digits are taken by their pixels, photos by the features of an encoder.
"""

import statistics
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.arguments import parser_of
from handloom.data.images.dataset import DataSet
from handloom.data.images.load import load
from handloom.jobs.classification.linear_head import out_of_fold
from handloom.metrics.classification import classification_metrics

RATIOS = (1, 2, 3, 5, 10, 20)
STRENGTH, FOLDS = 0.03, 5
MARGINS = {"beyond 0": 0.0, "beyond 1": 1.0, "beyond 2": 2.0}  # standard errors
WAYS = ("none", "balanced", *MARGINS)
ENCODER = "timm:tf_efficientnet_lite0"


def thinned(label: Tensor, ratio: float, most: int, seed: int) -> Tensor:
    """Rows of an unequal subset, int64 (M,)."""
    generator = torch.Generator().manual_seed(seed)
    classes = label.unique()
    rows = []
    for place, number in enumerate(torch.randperm(len(classes), generator=generator).tolist()):
        own = torch.nonzero(label == classes[number])[:, 0]
        own = own[torch.randperm(len(own), generator=generator)]
        share = ratio ** (-place / (len(classes) - 1))
        rows.append(own[: max(2, round(min(most, len(own)) * share))])
    return torch.cat(rows)


def dealt(label: Tensor, seed: int) -> Tensor:
    """The fold of every row; classes are dealt out evenly."""
    order = torch.randperm(len(label), generator=torch.Generator().manual_seed(seed))
    order = order[label[order].argsort(stable=True)]
    fold = torch.empty(len(label), dtype=torch.int64)
    fold[order] = torch.arange(len(label)) % FOLDS
    return fold


def scores(logits: Tensor, label: Tensor) -> tuple[float, float]:
    """Macro F1 and accuracy, in per cent."""
    metrics = classification_metrics(logits, label)
    return 100 * metrics["macro_f1"].item(), 100 * metrics["accuracy"].item()


def compared(features: Tensor, label: Tensor, classes: int, seed: int) -> dict[str, Tensor]:
    """Logits of every way, of each outer fold by heads that have not seen it."""
    fold = dealt(label, seed)
    made = {name: torch.zeros(len(label), classes) for name in WAYS}
    for held_out in range(FOLDS):
        seen = fold != held_out
        inner = dealt(label[seen], seed + 1)
        f1: dict[bool, list[float]] = {}
        for is_balanced in (False, True):
            args = (label[seen], inner, classes, STRENGTH, is_balanced)
            logits = out_of_fold(features[seen], *args)
            f1[is_balanced] = [scores(logits[inner == k], label[seen][inner == k])[0]
                               for k in range(FOLDS)]  # fmt: skip
            side = (fold == held_out).long()  # one fold is told by a head on all others
            logits = _told(features, label, side, classes, is_balanced)
            made["balanced" if is_balanced else "none"][~seen] = logits
        gains = [after - before for before, after in zip(f1[False], f1[True], strict=True)]
        error = statistics.stdev(gains) / FOLDS**0.5
        for way, margin in MARGINS.items():
            best = "balanced" if statistics.mean(gains) > margin * error else "none"
            made[way][~seen] = made[best][~seen]
    return made


def _told(features: Tensor, label: Tensor, side: Tensor, classes: int, is_balanced: bool) -> Tensor:
    from handloom.jobs.classification.linear_head import solve
    from handloom.models.image.transferred import RootHead

    head = RootHead(features.shape[1], classes)
    seen = side == 0
    solve(head, features[seen], label[seen], STRENGTH, is_balanced)
    with torch.no_grad():
        return head(features[~seen].float())


def table(name: str, features: Tensor, label: Tensor, most: int, repeats: int) -> None:
    """A line for each ratio: macro F1 and accuracy, and what balancing gains, over repeats."""
    print(f"\n{name}: macro F1 (accuracy), {repeats} repeats")
    print("ratio  images  none           gain of " + "        of ".join(WAYS[1:]))
    classes = int(label.max()) + 1
    for ratio in RATIOS:
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(repeats):
            rows = thinned(label, ratio, most, seed)
            logits = compared(features[rows], label[rows], classes, seed)
            for way, value in logits.items():
                found.setdefault(way, []).append(scores(value, label[rows]))
        f1, accuracy = map(statistics.mean, zip(*found["none"], strict=True))
        gains = [_gain(found["none"], found[way]) for way in WAYS[1:]]
        print(
            f"{ratio:5d}  {len(rows):6d}  {f1:5.2f} ({accuracy:5.2f})  {'  '.join(gains)}",
            flush=True,
        )


def _gain(plain: list[tuple[float, float]], other: list[tuple[float, float]]) -> str:
    """Mean gain in macro F1 with its standard error, over paired repeats."""
    gains = [theirs[0] - mine[0] for mine, theirs in zip(plain, other, strict=True)]
    error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else 0.0
    return f"{statistics.mean(gains):+5.2f} ± {error:.2f}   "


def encoded(data: DataSet) -> Tensor:
    """Features of an encoder, from the cache where they are known."""
    from handloom.encoders import find
    from handloom.encoders.features import of_images

    return of_images(data.train.image, find(ENCODER))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--photos", type=Path, default=None, help="a folder of class folders")
    parser.add_argument("--repeats", type=int, default=6)
    given = parser.parse_args()
    digits = load("digits", validation=0).train
    assert digits.label is not None
    table("digits, pixels", digits.image.flatten(1).float(), digits.label, 60, given.repeats)
    if given.photos is not None:
        from handloom.encoders import preprocessing

        data = load(given.photos, validation=0, preprocessing=preprocessing(ENCODER))
        assert data.train.label is not None
        table(str(given.photos.name), encoded(data), data.train.label, 1000, given.repeats)


if __name__ == "__main__":
    main()
