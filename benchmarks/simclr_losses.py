"""The losses of `train simclr` on digits, with and without labels, over seeds.

    python -m benchmarks.simclr_losses [--seeds 0 1 2] [--epochs 10] [--losses nt-xent pairwise]

The test images are the same for every seed. One JSON line a training, and for each loss a last
one with means and standard deviations over seeds.
"""

import json
import statistics
import tempfile
from typing import Any

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine

LOSSES = ("nt-xent", "pairwise", "triplet")
MEASURED = ("knn", "linear_probe", "alignment", "uniformity", "knn_pixels")


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--losses", nargs="*", choices=LOSSES, default=LOSSES)
    given = parser.parse_args()
    print(json.dumps({"machine": machine(), "epochs": given.epochs}), flush=True)
    for labels in (False, True):
        for loss in given.losses:
            rows = [measured(loss, labels, seed, given.epochs) for seed in given.seeds]
            known = {"loss": loss, "labels": labels, "seeds": len(given.seeds)}
            print(json.dumps(known | over_seeds(rows)), flush=True)


def measured(loss: str, labels: bool, seed: int, epochs: int) -> dict[str, float]:
    """What the evaluation of one training says of its test images."""
    chosen: dict[str, Any] = {"loss": loss, "labels": labels, "seed": seed, "epochs": epochs}
    with tempfile.TemporaryDirectory() as folder:
        run = handloom.train("simclr", "digits", out=f"{folder}/run", quiet=True, **chosen)
        evaluation = run.evaluation
    assert evaluation is not None
    assert evaluation["split"] == "test"
    row = {name: round(evaluation[name], 4) for name in MEASURED}
    print(json.dumps(chosen | {"images": evaluation["images"]} | row), flush=True)
    return row


def over_seeds(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    """Mean and standard deviation of every figure."""
    columns = {name: [row[name] for row in rows] for name in MEASURED}
    return {
        name: [
            round(statistics.mean(values), 4),
            round(statistics.stdev(values), 4) if len(values) > 1 else 0.0,
        ]
        for name, values in columns.items()
    }


if __name__ == "__main__":
    main()
