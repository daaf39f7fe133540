"""How many wrong labels the report of a classifier finds: `python -m benchmarks.wrong_labels`.

A share of the labels is changed at random, a classifier is trained by default options, and the
lines "likely wrong label" of its mistakes.csv are compared with what was changed. --correct: those
of them that were changed are corrected, as a person would, and it is trained again. --heads: what
heads by folds say of the training images of digits alone, on the network's first maps, as in the
report, on its last features and on pixels. The photos are
$HANDLOOM_DATA/photos/clothing (400, 10 classes, some of whose own labels are in doubt), on
EfficientNet-Lite0; digits are scikit-learn's, by the network trained from scratch.
"""

import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

import handloom
from benchmarks.arguments import data_folder, parser_of
from handloom.data.images.load import load
from handloom.jobs.classification.linear_head import out_of_fold
from handloom.jobs.classifier.answers import FOLDS, STRENGTH, _first_maps
from handloom.jobs.classifier.records import Record
from handloom.jobs.images.data import own_data
from handloom.jobs.loading import Loaded
from handloom.metrics.confident_learning import wrong_labels


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("data", nargs="*", default=["digits", "clothing"])
    parser.add_argument("--share", type=float, default=0.05, help="of labels that are changed")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--correct", action="store_true", help="train again with the corrections")
    parser.add_argument("--heads", action="store_true", help="other features for the heads")
    given = parser.parse_args()
    print("data      seed  changed  listed  precision  recall  suggestion right  of mistakes alone")
    for name in given.data:
        for seed in range(given.seeds):
            with tempfile.TemporaryDirectory() as folder:
                wrong = flipped(name, Path(folder) / "data", given.share, seed)
                run = Path(folder) / "run"
                handloom.train("classifier", Path(folder) / "data", out=run, quiet=True, seed=seed)
                print(f"{name:8}  {seed:4}  {measured(run, wrong)}", flush=True)
                if given.heads and name == "digits":
                    for line in by_features(run, wrong):
                        print(f"{'':16}{line}", flush=True)
                if given.correct:
                    print(f"{'':16}{corrected(run, wrong)}", flush=True)


def flipped(name: str, root: Path, share: float, seed: int) -> dict[str, str]:
    """Class folders below `root`, some images in a wrong one: {file's name: right class}."""
    random = np.random.default_rng(seed)
    images = digits(root.parent / "original") if name == "digits" else clothing()
    classes = sorted({path.parent.name for path in images})
    chosen = set(random.choice(len(images), round(share * len(images)), replace=False).tolist())
    wrong = {}
    for number, path in enumerate(images):
        label = path.parent.name
        if number in chosen:
            wrong[f"{number}{path.suffix}"] = label
            label = str(random.choice([other for other in classes if other != label]))
        (root / label).mkdir(parents=True, exist_ok=True)
        os.link(path, root / label / f"{number}{path.suffix}") if name == "digits" else (
            root / label / f"{number}{path.suffix}"
        ).symlink_to(path)
    return wrong


def digits(root: Path) -> list[Path]:
    """The bundled digits as files."""
    paths = []
    for split, part in load("digits", validation=0.0).splits.items():
        assert part.label is not None
        for row, label in enumerate(part.label.tolist()):
            path = root / part.classes[label] / f"{split}{row}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(part.image[row, :, :, 0].numpy()).save(path)
            paths.append(path)
    return paths


def clothing() -> list[Path]:
    """The photos of $HANDLOOM_DATA."""
    return sorted((data_folder() / "photos" / "clothing").glob("*/*.jpg"))


def measured(run: Path, wrong: dict[str, str]) -> str:
    """Precision and recall of the list, and of all mistakes on held-out images."""
    rows = mistakes(run)
    listed = [row for row in rows if row["problem"] == "likely wrong label"]
    hits = [row for row in listed if Path(row["file"]).name in wrong]
    right = sum(row["likely_label"] == wrong[Path(row["file"]).name] for row in hits)
    plain = [row for row in rows if row["predicted"] != row["label"] and row["split"] != "train"]
    plain_hits = sum(Path(row["file"]).name in wrong for row in plain)
    return (
        f"{len(wrong):7}  {len(listed):6}  {100 * len(hits) / max(1, len(listed)):7.1f} %  "
        f"{100 * len(hits) / len(wrong):4.1f} %  {100 * right / max(1, len(hits)):14.1f} %  "
        f"{100 * plain_hits / max(1, len(plain)):15.1f} %"
    )


def corrected(run: Path, wrong: dict[str, str]) -> str:
    """Accuracy before and after a person has corrected the changed labels that are listed."""
    rows = mistakes(run)
    for row in rows:
        if row["problem"] == "likely wrong label":
            row["correction"] = wrong.get(Path(row["file"]).name, "")
    edited, again = run.parent / "edited.csv", run.parent / "again"
    with edited.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    options = {"corrections": str(edited), "seed": handloom.open(run).config["options"]["seed"]}
    handloom.train("classifier", run.parent / "data", out=again, quiet=True, **options)
    before, after = (handloom.open(path).evaluation for path in (run, again))
    assert before is not None
    assert after is not None
    listed = sum(row["problem"] == "likely wrong label" for row in mistakes(again))
    return (
        f"accuracy {100 * before['accuracy']:.2f} % before and {100 * after['accuracy']:.2f} % "
        f"after corrections ({after['images']} {after['split']} images), {listed} listed then"
    )


def by_features(run: Path, wrong: dict[str, str]) -> Iterator[str]:
    """Precision and recall among the training images, by what the heads of the folds look at."""
    loaded = cast("Loaded[Record]", handloom.open(run).loaded)
    data = own_data(loaded)
    train = data.train
    assert train.label is not None
    fold = data.folds(FOLDS)
    changed = torch.tensor([Path(name).name in wrong for name in train.names])
    pixels = train.image.permute(0, 3, 1, 2).float() / 255
    ways = {
        "first maps": _first_maps(loaded, train.image),
        "last features": last_features(loaded.networks["network"], pixels),
        "pixels": pixels.flatten(1),
    }
    for name, features in ways.items():
        logits = out_of_fold(features, train.label, fold, len(train.classes), STRENGTH, False)
        rows = wrong_labels(logits.softmax(1), train.label).rows
        hits = int(changed[rows].sum())
        yield (
            f"{name:13} of {int(changed.sum())} changed training images: "
            f"{len(rows):4} listed, precision {100 * hits / max(1, len(rows)):5.1f} %, "
            f"recall {100 * hits / int(changed.sum()):5.1f} %"
        )


@torch.no_grad()
def last_features(network: nn.Module, pixels: Tensor) -> Tensor:
    """What the last linear layer is given, (N, D)."""
    kept: list[Tensor] = []
    layer = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    hook = layer.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    network(pixels)
    hook.remove()
    return kept[0][: len(pixels)]


def mistakes(run: Path) -> list[dict[str, str]]:
    """The lines of a run's mistakes.csv."""
    with (run / "mistakes.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
