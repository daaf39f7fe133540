"""What GANs are worth after as many epochs, or as much processor time, under one protocol.

usage: HANDLOOM_DATA=DATA python -m benchmarks.gan_quality train OUT.jsonl --gan dcgan --data mnist
           (--epochs N | --minutes M) [--seed 0] [--grid OUT.png]
       python -m benchmarks.gan_quality table OUT.jsonl

train: trains one GAN, with --minutes for so much of the processor's time (OMP_NUM_THREADS=1 makes
that fair on a machine that others use too), and adds a line to OUT.jsonl. All GANs of a data set
have one evaluator (a classifier of the training split, compared with the test split); 10,000 images
of the last generator are evaluated, the EMA one where there is one. Roughness is that of 64 of
them, those of --grid, divided by that of real images. table: markdown, means over seeds.
"""

import argparse
import json
import statistics
import time
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.arguments import parser_of
from benchmarks.gans import GANS, GENERATED, evaluate, evaluator_of, experiment_of
from benchmarks.machine import machine
from handloom.config import check
from handloom.engine.loop import Callback, Fit
from handloom.engine.memory import keep_freed_memory
from handloom.jobs.gan import build as gan
from handloom.jobs.gan.config import Config
from handloom.jobs.generation.generate import generate


class StopAt(Callback):
    """Ends the run at the first step after so much of the processor's time, in seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def step(self, fit: Fit) -> None:
        if time.process_time() >= self.seconds:
            fit.progress.stop = "over"


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("what", choices=["train", "table"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--gan", choices=list(GANS), default="resnet")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--grid", type=Path)
    options = parser.parse_args()
    if options.what == "table":
        print(table([json.loads(line) for line in options.path.read_text().splitlines()]))
        return
    keep_freed_memory()  # as `handloom train` does
    warnings.simplefilter("ignore")
    row = quality(options)
    print(json.dumps(row))
    with open(options.path, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def quality(options: argparse.Namespace) -> dict[str, Any]:
    """Train one GAN; metrics of its last generator, and the seconds of its training."""
    from handloom.data.images.drawing.grid import grid, png

    more: dict[str, Any] = {"seed": options.seed}
    more |= {} if options.epochs is None else {"epochs": options.epochs}
    experiment = experiment_of(options.gan, options.data, **more)
    evaluator = evaluator_of(options.data)
    began = time.process_time()
    stop = [] if options.minutes is None else [StopAt(began + 60 * options.minutes)]
    progress = Fit(experiment, stop).run()
    spent = time.process_time() - began
    objective: Any = experiment.objective
    precision = experiment.precision
    metrics = evaluate(evaluator, objective.eval_model, objective.prior, precision)
    latent = objective.prior(64, torch.Generator().manual_seed(3))
    generated = generate(objective.eval_model, latent, precision)
    if options.grid is not None:
        options.grid.write_bytes(png(grid(generated, 8)))
    return {
        "gan": options.gan,
        "data": options.data,
        "until": f"{options.epochs} epochs" if stop == [] else f"{options.minutes:g} minutes",
        "seed": options.seed,
        "epochs": round(progress.step / experiment.train.steps, 2),
        "minutes": round(progress.seconds / 60, 2),
        "cpu_minutes": round(spent / 60, 2),
        **{name: round(value, 4) for name, value in metrics.items()},
        "roughness": round(roughness(generated) / roughness(real_images(options.data)), 3),
        "protocol": evaluator.protocol(GENERATED),
        "machine": machine(),
    }


def roughness(pixels: Tensor) -> float:
    """Mean of |pixel - mean of its four neighbours|, uint8 (N, H, W, C): grain, which hardly
    affects the features of a classifier and which eyes see at once."""
    image = pixels.float()
    inner = image[:, 1:-1, 1:-1]
    around = image[:, 2:, 1:-1] + image[:, :-2, 1:-1] + image[:, 1:-1, 2:] + image[:, 1:-1, :-2]
    return (inner - around / 4).abs().mean().item()


def real_images(data: str) -> Tensor:
    """Test images, uint8 (N, H, W, C)."""
    test = gan.load(check(Config, GANS["dcgan"]), data, lambda *_: None).test
    assert test is not None
    return test.image


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown, a line a data set, GAN and length of training; means and spread over seeds."""
    heads = ["data", "until", "generator", "n", "kernel distance x 1000", "Fréchet distance",
             "diversity", "nearest", "roughness", "epochs", "CPU minutes"]  # fmt: skip
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["data"], row["until"], row["gan"]), []).append(row)
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for key, group in sorted(groups.items(), key=lambda item: (*item[0][:2], -_mean(item[1]))):
        figures = [
            _spread([1000 * row["kernel_distance"] for row in group], 1),
            *[
                _spread([row[name] for row in group], 2)
                for name in ("frechet_distance", "diversity", "nearest", "roughness")
            ],
            _spread([row["epochs"] for row in group], 0),
            _spread([row["cpu_minutes"] for row in group], 1),
        ]
        lines.append(f"| {' | '.join([*key, str(len(group)), *figures])} |")
    return "\n".join(lines)


def _mean(rows: list[dict[str, Any]]) -> float:
    return statistics.mean(row["kernel_distance"] for row in rows)


def _spread(values: list[float], digits: int) -> str:
    """Mean, and the standard deviation where there are several that differ."""
    mean = f"{statistics.mean(values):.{digits}f}"
    away = f"{statistics.stdev(values):.{digits}f}" if len(values) > 1 else "0"
    return mean if float(away) == 0 else f"{mean} ± {away}"


if __name__ == "__main__":
    main()
