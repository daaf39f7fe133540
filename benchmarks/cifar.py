"""CIFAR-10 on a GPU: test accuracy against the seconds of training.

usage: HANDLOOM_DATA=DATA python -m benchmarks.cifar [--only NAME ...] [--seeds 0 1 2]
           [--options '{"width": 128, "epochs": 20}'] [--device cuda]

Each training is `handloom train classifier cifar10` with the options of a case, on all 50,000
training images (`--validation 0`), so that the test images choose nothing. `seconds` are those of
the training's steps, as the public records count them (Jordan 2024, arXiv:2404.00498: 94 % and 96 %
of the test images, on an A100): the epochs' own, without reading the data, the first steps, which
warm up and record, included. `whole` is the command from its first line to the last file written,
imports apart. Prints a JSON line a training, and at the end the mean and spread of each case.
"""

import json
import statistics
import tempfile
import time
from typing import Any

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine

CPU = {"width": 64, "translate": 2, "cutout": 0}  # the default of two processor cores
CASES: dict[str, dict[str, Any]] = {
    "default": {},
    "half as long": {"epochs": 20, "cutout": 8},
    "narrower": {"width": 128},
    "as on a CPU": CPU | {"epochs": 10},
    "as on a CPU, twice as long": CPU | {"epochs": 20},
    "resnet18": {"network": "resnet18"},
}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--options", type=json.loads, help="one case of one's own instead")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--device", default="cuda")
    given = parser.parse_args()
    cases = {"own": given.options} if given.options else {name: CASES[name] for name in given.only}
    for name, options in cases.items():
        rows = [measured(options, seed, given.device) for seed in given.seeds]
        for row in rows:
            print(json.dumps({"case": name, **options, **row}), flush=True)
        accuracy = [row["accuracy"] for row in rows]
        seconds = statistics.mean(row["seconds"] for row in rows)
        spread = f" ± {statistics.stdev(accuracy):.2f}" if len(rows) > 1 else ""
        print(f"{name}: {statistics.mean(accuracy):.2f}{spread} % in {seconds:.1f} s", flush=True)
    print(json.dumps({"machine": machine()}))


def measured(options: dict[str, Any], seed: int, device: str) -> dict[str, Any]:
    """One training: accuracy on the test images in per cent, seconds of its steps and of all."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {
            "validation": 0.0,
            "device": device,
            "seed": seed,
            "quiet": True,
        } | options
        run = handloom.train("classifier", "cifar10", out=f"{folder}/run", **given)
        whole = time.perf_counter() - began
        evaluation, metrics = run.evaluation, run.metrics
    assert evaluation is not None
    assert evaluation["split"] == "test"
    return {
        "seed": seed,
        "accuracy": round(100 * evaluation["accuracy"], 2),
        "seconds": round(metrics[-1]["seconds"], 1),
        "whole": round(whole, 1),
        "samples_per_second": round(max(row["samples_per_second"] for row in metrics)),
    }


if __name__ == "__main__":
    main()
