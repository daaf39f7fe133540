"""Accuracy of the classifier's defaults on test sets, beside ten plain lines, with minutes.

usage: HANDLOOM_DATA=DATA python -m benchmarks.accuracy [--only NAME ...] [--seeds 0 1 2]
Each case is what `handloom train classifier DATA ...` does, through the Python verb; photos are
trained from scratch here, and `photos.py` has their default, a pretrained encoder. The rival is
scikit-learn's logistic regression on standardised flat pixels (at most 10,000 training images);
for photos also on the features of a pretrained MobileNetV2, where its weights are at hand under
HANDLOOM_DATA/weights. Prints one JSON line a case and a table at the end.
"""

import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.data.images.load import load

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "digits": ("digits", {}),
    "mnist": ("mnist", {}),
    "fashion-mnist": ("fashion-mnist", {}),
    "cifar10": ("cifar10", {}),
    "clothing resnet": ("photos/clothing", {"network": "resnet"}),  # the default: photos.py
    "mnist mlp": ("mnist", {"network": "mlp", "epochs": 10, "validation": 0.2}),
    "mnist mlp tutorial": ("mnist", {"network": "mlp", "preset": "tutorial"}),
    "fashion-mnist lenet": ("fashion-mnist", {"network": "lenet"}),
    "cifar10 cnn": ("cifar10", {"network": "cnn"}),
}
WITH_RIVAL = ("digits", "mnist", "fashion-mnist", "cifar10", "clothing resnet")


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--only", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--no-rival", action="store_true")
    options = parser.parse_args()
    rows = []
    for name in options.only:
        data, settings = CASES[name]
        where = _place(data)
        row = measure(name, where, settings, options.seeds)
        if name in WITH_RIVAL and not options.no_rival:
            row["rival"] = rival(where)
        rows.append(row)
        print(json.dumps(row), flush=True)
    print(table(rows))


def measure(name: str, data: str, settings: dict[str, Any], seeds: list[int]) -> dict[str, Any]:
    accuracies, losses, valid_losses, minutes = [], [], [], []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            run = handloom.train(
                "classifier", data, out=f"{folder}/run", seed=seed, quiet=True, **settings
            )
            minutes.append((time.perf_counter() - began) / 60)
            evaluation = run.evaluate()
            accuracies.append(evaluation["accuracy"])
            losses.append(evaluation["loss"])
            valid_losses.append(
                min((r["valid/loss"] for r in run.metrics if "valid/loss" in r), default=0.0)
            )
            epochs, split = run.config["epochs"], evaluation["split"]
    return {
        "name": name,
        "split": split,
        "epochs": epochs,
        "accuracy": [round(100 * a, 2) for a in accuracies],
        "mean": round(100 * statistics.mean(accuracies), 2),
        "spread": round(100 * statistics.pstdev(accuracies), 2),
        "loss": round(statistics.mean(losses), 4),
        "valid_loss": round(statistics.mean(valid_losses), 4),
        "minutes": round(statistics.median(minutes), 2),
        "seeds": seeds,
        "machine": machine(),
    }


def rival(data: str, most: int = 10_000) -> dict[str, float]:
    """Test accuracy in percent of linear models on flat pixels, and on pretrained features."""
    data_set = load(data, seed=0)
    train, test = data_set.train, data_set.test if data_set.test is not None else data_set.valid
    label = train.label
    assert test is not None
    assert label is not None
    scores = {"logistic regression on pixels": _linear(
        _flat(train.image[:most]), label[:most], _flat(test.image), test.label)}  # fmt: skip
    weights = Path(os.environ.get("HANDLOOM_DATA", "")) / "weights" / "mobilenet_v2_from_tflite.pth"
    if train.channels == 3 and train.size[0] >= 64 and weights.exists():
        wide = load(data, seed=0, size=224)
        held_out = wide.test if wide.test is not None else wide.valid
        assert held_out is not None
        scores["linear probe of MobileNetV2"] = _linear(
            _features(wide.train.image, weights), wide.train.label,
            _features(held_out.image, weights), held_out.label)  # fmt: skip
    return scores


def _linear(train: Tensor, label: Tensor | None, test: Tensor, actual: Tensor | None) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    assert label is not None
    assert actual is not None
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    model.fit(train.numpy(), label.numpy())
    return round(100 * float(model.score(test.numpy(), actual.numpy())), 2)


def _flat(image: Tensor) -> Tensor:
    return image.flatten(1).float() / 255


@torch.no_grad()
def _features(image: Tensor, weights: Path) -> Tensor:
    from torchvision.models import mobilenet_v2

    network = mobilenet_v2()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.classifier = torch.nn.Identity()
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    features = []
    for rows in image.split(50):
        pixels = rows.permute(0, 3, 1, 2).float() / 255
        features.append(network.eval()((pixels - mean) / std))
    return torch.cat(features)


def _place(data: str) -> str:
    below = Path(os.environ.get("HANDLOOM_DATA", "")) / data
    return str(below) if "/" in data else data


def table(rows: list[dict[str, Any]]) -> str:
    lines = ["| what | split | epochs | accuracy % (n) | loss | minutes | plain rival |",
             "| --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for row in rows:
        plain = "; ".join(f"{k} {v} %" for k, v in row.get("rival", {}).items())
        lines.append(
            f"| {row['name']} | {row['split']} | {row['epochs']} | {row['mean']} ± {row['spread']} "
            f"({len(row['seeds'])}) | {row['loss']} | {row['minutes']} | {plain} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
