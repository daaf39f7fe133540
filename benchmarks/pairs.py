"""Generative pairs beside the tutorials' way: speed, and quality under one protocol.

usage: HANDLOOM_DATA=DATA python benchmarks/pairs.py speed LISTINGS.py [--epochs 3] [--fraction 1.0]
           [--only gan lsgan dcgan]
       HANDLOOM_DATA=DATA python benchmarks/pairs.py quality OUT.jsonl --pair dcgan --data mnist
           (--epochs N | --minutes M) [--seed 0] [--grid OUT.png]
       python benchmarks/pairs.py table OUT.jsonl

speed: for each pair one `fit` runs with every usual callback (checkpoints, metrics.jsonl,
TensorBoard, keep-best) and, between its epochs, the listing and a bare loop over our own parts run
one of theirs, so that all see the same machine. An epoch is wall time, callbacks included; judging
and drawing are left out, which the listing does not do. The first epoch is not counted. KID and
FID of all three after the same epochs, by one judge. --fraction: of the training images.

quality: trains one pair, with --minutes for so much of the processor's time (OMP_NUM_THREADS=1
makes that fair on a machine that others use too), and adds a line to OUT.jsonl. The judge is one
for all pairs of a data set (classifier of the training split, test split); 10,000 images of the
last generator, the averaged one where there is one. Roughness is that of 64 of them, those of
--grid, in that of real images.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from machine import machine
from speed import _module
from torch import Tensor, nn

from handloom.config import check
from handloom.engine.callbacks.best import KeepBest
from handloom.engine.callbacks.checkpoints import Checkpoints
from handloom.engine.callbacks.journal import Journal
from handloom.engine.callbacks.tensorboard import TensorBoard
from handloom.engine.loop import Callback, Fit
from handloom.engine.memory import keep_freed_memory
from handloom.engine.precision import Precision, pick_device
from handloom.errors import UserError
from handloom.jobs.gan import build as gan
from handloom.jobs.generation.generate import generate
from handloom.runs.directory import RunDirectory

PAIRS: dict[str, dict[str, Any]] = {
    "gan": {"network": "dense", "loss": "minimax", "preset": "tutorial"},
    "lsgan": {"network": "dense", "loss": "least-squares", "preset": "tutorial"},
    "dcgan": {"network": "dcgan", "preset": "tutorial"},
    "dcgan-own": {"network": "dcgan"},  # its own defaults: averaged, rates that fall
    "resnet": {},
}
TARGET = {"gan": 3.0, "lsgan": 3.0, "dcgan": 2.5}
GENERATED = 10_000
Epoch = Callable[[], float]  # -> samples a second


class Alternate(Callback):
    """After each epoch of the fit, notes its speed and lets the rivals run an epoch each."""

    def __init__(self, samples: int, rivals: dict[str, Epoch]) -> None:
        self.samples, self.rivals = samples, rivals
        self.speeds: dict[str, list[float]] = {name: [] for name in ("fit", *rivals)}

    def start(self, fit: Fit) -> None:
        self._began = time.perf_counter()

    def epoch(self, fit: Fit, record: dict[str, float]) -> None:
        self.speeds["fit"].append(self.samples / (time.perf_counter() - self._began))
        for name, run in self.rivals.items():
            self.speeds[name].append(run())
        self._began = time.perf_counter()


class StopAt(Callback):
    """Ends the run at the first step after so much of the processor's time, in seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def step(self, fit: Fit) -> None:
        if time.process_time() >= self.seconds:
            fit.progress.stop = "over"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "quality", "table"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--fraction", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", default=list(TARGET), choices=list(TARGET))
    parser.add_argument("--pair", choices=list(PAIRS), default="resnet")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--grid", type=Path)
    options = parser.parse_args()
    keep_freed_memory()  # as `handloom train` does; the rivals gain by it too
    warnings.simplefilter("ignore")
    if options.what == "speed":
        listings = _module(options.path)
        for pair in options.only:
            print(json.dumps(speed(pair, listings, options.epochs or 3, options.fraction)))
    elif options.what == "quality":
        found = quality(options)
        print(json.dumps(found))
        with open(options.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
    else:
        print(table([json.loads(line) for line in options.path.read_text().splitlines()]))


def speed(pair: str, listings: Any, epochs: int, fraction: float) -> dict[str, Any]:
    listing = listings.EXPERIMENTS[f"{pair}-mnist"](os.environ["HANDLOOM_DATA"], fraction)
    next(listing)
    theirs = listing.gi_frame.f_locals["G"]
    experiment, judge = _experiment(pair, "mnist", fraction, epochs=epochs + 1)
    bare, _ = _experiment(pair, "mnist", fraction, epochs=1)
    samples = experiment.train.steps * experiment.train.batch_size
    rivals = {"tutorial": _listing(listing), "bare": _bare(bare)}
    watch = Alternate(samples, rivals)
    with tempfile.TemporaryDirectory() as folder:
        run = RunDirectory.create(Path(folder) / "run", "gan", "mnist")
        best = KeepBest(run)
        callbacks = [best, Journal(run), TensorBoard(run), Checkpoints(run, best), watch]
        Fit(experiment, callbacks).run()
    ours, precision = experiment.objective.eval_model, experiment.precision
    drawn = {
        "fit": worth(judge, ours, experiment.objective.prior, precision),
        "tutorial": worth(
            judge, Listed(theirs), experiment.objective.prior, Precision(precision.device, None)
        ),
        "bare": worth(judge, bare.objective.eval_model, bare.objective.prior, precision),
    }
    over = {
        name: [round(a / b, 2) for a, b in zip(watch.speeds["fit"], watch.speeds[name])][1:]
        for name in rivals
    }
    return {
        "pair": pair,
        "target": TARGET[pair],
        "images": samples,
        "epochs": epochs,
        "samples_per_second": {k: [round(x) for x in v[1:]] for k, v in watch.speeds.items()},
        "over": {name: [min(v), sorted(v)[len(v) // 2], max(v)] for name, v in over.items()},
        "best_over_best": {
            name: round(max(watch.speeds["fit"][1:]) / max(watch.speeds[name][1:]), 2)
            for name in rivals
        },
        **{f"{what}_after_{epochs + 1}": {k: round(v[what], 4) for k, v in drawn.items()}
           for what in ("kernel_distance", "frechet_distance")},
        "precision": precision.name,
        "seed": 0,
        "machine": machine(),
    }  # fmt: skip


class Listed(nn.Module):
    """A listing's generator, with the method that ours have."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        raw: Tensor = self.network(latent)
        return (raw.view(len(raw), 1, 28, 28) + 1) / 2


def _listing(epochs: Any) -> Epoch:
    def run() -> float:
        began = time.perf_counter()
        samples, _ = next(epochs)
        return float(samples / (time.perf_counter() - began))

    return run


def _experiment(pair: str, data: str, fraction: float = 1.0, **more: Any) -> tuple[Any, Any]:
    """As the command line builds it, but not judged on the way; and the judge."""
    device = pick_device()
    config = check(gan.Config, PAIRS[pair] | more)
    loaded = gan.load(config, data, lambda *_: None)
    rows = torch.arange(int(len(loaded.train) * fraction))
    part = replace(loaded, train=loaded.train.subset(rows))
    config = gan.resolve(config, loaded)  # for all of it
    torch.manual_seed(config.seed)
    experiment = gan.build(config, part, device).experiment
    experiment.evaluations, experiment.monitor = {}, None
    return experiment, judged(data, device)


def _bare(experiment: Any) -> Epoch:
    """The loop a careful person writes by hand over the same tensors, networks and optimizers."""
    objective, autocast = experiment.objective, experiment.precision.autocast
    generator, discriminator = objective.generator.train(), objective.discriminator.train()
    first, second = experiment.optimizers["discriminator"], experiment.optimizers["generator"]
    count = 0

    def update(optimizer: Any, loss: Tensor) -> Tensor:
        optimizer.zero_grad()
        loss.backward(inputs=optimizer.parameters)
        optimizer.step(lambda: loss)
        return loss.detach()

    def run() -> float:
        nonlocal count
        began, totals = time.perf_counter(), [torch.zeros(()), torch.zeros(())]
        for batch in experiment.train.batches(count):
            with autocast():
                fake = generator.generate(objective.prior(len(batch["image"])))
                real, false = (
                    discriminator(batch["image"]).float(),
                    discriminator(fake.detach()).float(),
                )
                loss = objective.criterion.discriminator(real, false)
            totals[0] += update(first, loss)
            with autocast():
                loss = objective.criterion.generator(discriminator(fake).float())
            totals[1] += update(second, loss)
        torch.stack(totals).tolist()
        count += 1
        samples = experiment.train.steps * experiment.train.batch_size
        return float(samples / (time.perf_counter() - began))

    return run


def quality(options: argparse.Namespace) -> dict[str, Any]:
    """Train one pair; what the last generator is worth, and the seconds of its training."""
    from handloom.data.images.grid import grid, png

    more: dict[str, Any] = {"seed": options.seed}
    more |= {} if options.epochs is None else {"epochs": options.epochs}
    experiment, judge = _experiment(options.pair, options.data, **more)
    began = time.process_time()
    stop = [] if options.minutes is None else [StopAt(began + 60 * options.minutes)]
    progress = Fit(experiment, stop).run()
    objective, precision = experiment.objective, experiment.precision
    spent = time.process_time() - began
    found = worth(judge, objective.eval_model, objective.prior, precision)
    latent = objective.prior(64, torch.Generator().manual_seed(3))
    drawn = generate(objective.eval_model, latent, precision)
    if options.grid is not None:
        options.grid.write_bytes(png(grid(drawn, 8)))
    return {
        "pair": options.pair,
        "data": options.data,
        "until": f"{options.epochs} epochs" if stop == [] else f"{options.minutes:g} minutes",
        "seed": options.seed,
        "epochs": round(progress.step / experiment.train.steps, 2),
        "minutes": round(progress.seconds / 60, 2),
        "cpu_minutes": round(spent / 60, 2),
        **{name: round(value, 4) for name, value in found.items()},
        "roughness": round(roughness(drawn) / roughness(real_images(options.data)), 3),
        "protocol": judge.protocol(GENERATED),
        "machine": machine(),
    }


def roughness(pixels: Tensor) -> float:
    """Mean of |pixel - mean of its four neighbours|, uint8 (N, H, W, C): grain, which features of a
    classifier hardly mind and eyes do."""
    image = pixels.float()
    inner = image[:, 1:-1, 1:-1]
    around = image[:, 2:, 1:-1] + image[:, :-2, 1:-1] + image[:, 1:-1, 2:] + image[:, 1:-1, :-2]
    return (inner - around / 4).abs().mean().item()


def real_images(data: str) -> Tensor:
    """Test images, uint8 (N, H, W, C)."""
    found = gan.load(check(gan.Config, PAIRS["dcgan"]), data, lambda *_: None).test
    assert found is not None
    return found.image


def worth(
    judge: Any, generator: nn.Module, prior: nn.Module, precision: Precision
) -> dict[str, float]:
    """KID, FID and the rest of GENERATED images, always from the same latents."""
    latent = prior(GENERATED, torch.Generator().manual_seed(0))
    found = []
    for rows in latent.split(500):
        pixels = generate(generator, rows, precision)
        found.append(judge.features(pixels.permute(0, 3, 1, 2).float() / 255))
    return {name: value.item() for name, value in judge.metrics(torch.cat(found)).items()}


def judged(data: str, device: torch.device) -> Any:
    """One judge for all pairs of a data set, kept beside the decoded images."""
    from safetensors.torch import load_file, save_file

    from handloom.jobs.gan.evaluator import judge

    config = check(gan.Config, PAIRS["dcgan"])
    found = judge(config, gan.load(config, data, lambda *_: None), device)
    kept = Path(tempfile.gettempdir()) / f"handloom-judge-{data}.safetensors"
    try:
        found.restore(load_file(kept))
    except (FileNotFoundError, UserError):  # none yet, or one of an earlier version
        save_file({name: t.contiguous() for name, t in found.fit().items()}, kept)
    return found.final()


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown, a line a data set, pair and length of training; means and spread over seeds."""
    heads = ["data", "until", "pair", "n", "KID x 1000", "FID", "diversity", "nearest", "roughness",
             "epochs", "CPU minutes"]  # fmt: skip
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["data"], row["until"], row["pair"]), []).append(row)
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for key, found in sorted(groups.items(), key=lambda item: (*item[0][:2], -_mean(item[1]))):
        figures = [
            _spread([1000 * row["kernel_distance"] for row in found], 1),
            *[
                _spread([row[name] for row in found], 2)
                for name in ("frechet_distance", "diversity", "nearest", "roughness")
            ],
            _spread([row["epochs"] for row in found], 0),
            _spread([row["cpu_minutes"] for row in found], 1),
        ]
        lines.append(f"| {' | '.join([*key, str(len(found)), *figures])} |")
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
