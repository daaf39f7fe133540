"""Autoencoders and VAEs: speed beside the tutorials' way, and what the trained ones are worth.

usage: HANDLOOM_DATA=DATA python benchmarks/encoders.py floors
       HANDLOOM_DATA=DATA python benchmarks/encoders.py speed LISTINGS.py [--epochs 5] [--only ...]
           [--seed 0] [--compiled]
       HANDLOOM_DATA=DATA python benchmarks/encoders.py quality RUNS [--only ...] [--k 5000]

floors: multiply-adds and bytes of one step of the tutorials' networks, before anything is timed.
speed: as benchmarks/speed.py: one `fit` with every usual callback and, between its epochs, one
epoch of the listing and one of a bare loop; with --compiled also one of the listing's own layers
over our batches and optimizer, its loss compiled by torch.compile (needs a C++ compiler; the epoch
in which it compiles is the first, which is not counted). Losses after the same epochs are those of
all 10,000 test images, by one measure for all. quality: trains what is not yet in the folder
RUNS, and judges all of it on MNIST's test images; the bound with k samples over the first
--images.
"""

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from machine import machine
from speed import Alternate, Epoch, _listing, _module

import handloom
from handloom.config import check
from handloom.engine.callbacks.best import KeepBest
from handloom.engine.callbacks.checkpoints import Checkpoints
from handloom.engine.callbacks.journal import Journal
from handloom.engine.callbacks.tensorboard import TensorBoard
from handloom.engine.loop import Fit
from handloom.engine.memory import keep_freed_memory
from handloom.engine.optim import Adam
from handloom.engine.precision import pick_device
from handloom.jobs import find_job
from handloom.models.summary import layer_table
from handloom.runs.directory import RunDirectory

SPEED = {  # name: listing, job, options, goal
    "dense autoencoder": ("autoencoder-mnist", "autoencoder", {"network": "dense"}, 8.0),
    "conv autoencoder": ("conv-autoencoder-mnist", "autoencoder", {"network": "conv"}, 4.0),
    "vae": ("vae-mnist", "vae", {}, 6.0),
}
TUTORIAL: dict[str, Any] = {"preset": "tutorial"}
QUALITY: dict[str, tuple[str, dict[str, Any]]] = {
    "autoencoder-dense-tutorial": ("autoencoder", TUTORIAL | {"network": "dense"}),
    "autoencoder-conv-tutorial": ("autoencoder", TUTORIAL | {"network": "conv"}),
    "autoencoder-default-3": ("autoencoder", {"latent_dim": 3}),
    "autoencoder-default-32": ("autoencoder", {"latent_dim": 32}),
    "autoencoder-default": ("autoencoder", {}),
    "vae-tutorial": ("vae", TUTORIAL),
    "vae-784-400-20": (
        "vae",
        TUTORIAL | {"likelihood": "bernoulli", "binarize": "dynamic"},
    ),
    "vae-default": ("vae", {}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["floors", "speed", "quality"])
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--k", type=int, default=5000)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compiled", action="store_true")
    options = parser.parse_args()
    keep_freed_memory()  # as `handloom train` does; the rivals gain by it too
    warnings.simplefilter("ignore")
    if options.what == "floors":
        for name in SPEED:
            print(json.dumps(floors(name)), flush=True)
    elif options.what == "speed":
        listings = _module(options.path)
        for name in options.only or SPEED:
            print(json.dumps(compare(name, listings, options)), flush=True)
    else:
        for name in options.only or QUALITY:
            print(json.dumps(judged(name, options)), flush=True)


def experiment_of(name: str, epochs: int, seed: int = 0) -> tuple[Any, Any]:
    """The tutorial's training as the command line builds it, nothing judged between epochs."""
    _, job, chosen, _ = SPEED[name]
    module = find_job(job)
    config = check(module.config, TUTORIAL | chosen | {"epochs": epochs, "seed": seed})
    data = module.load(config, "mnist", lambda *_: None)
    config = module.resolve(config, data)
    torch.manual_seed(config.seed)
    experiment = module.build(config, data, pick_device()).experiment
    experiment.evaluations, experiment.monitor = {}, None
    return config, experiment


def floors(name: str) -> dict[str, Any]:
    """What a step cannot do without: products of three passes, and what Adam reads and writes."""
    config, experiment = experiment_of(name, 1)
    networks, batch = experiment.networks, experiment.train.batch_size
    example = torch.zeros(1, 1, 28, 28)
    adds = sum(p.numel() for p in experiment.objective.parameters() if p.ndim == 2)
    if config.network == "conv":  # counted by the library's own layers
        encoder, decoder = networks["encoder"].body, networks["decoder"].body
        adds = sum(layer.multiply_adds for layer in layer_table(encoder, example))
        adds += sum(layer.multiply_adds for layer in layer_table(decoder, encoder(example).view(1, 8, 2, 2)))  # fmt: skip  # noqa: E501
    weights = sum(p.numel() for p in experiment.objective.parameters())
    return {
        "network": name,
        "batch": batch,
        "million_flops_a_step": round(6 * batch * adds / 1e6, 1),
        "weights": weights,
        "adam_megabytes_a_step": round(28 * weights / 1e6, 2),
        "image_megabytes_a_step": round(batch * 784 * (1 + 4 * 6) / 1e6, 2),
    }


def compare(name: str, listings: Any, options: argparse.Namespace) -> dict[str, Any]:
    """One row of the table of speeds."""
    import os

    listing, job, _, target = SPEED[name]
    epochs, seed = options.epochs, options.seed
    _, experiment = experiment_of(name, epochs + 1, seed)
    torch.manual_seed(seed)
    theirs = listings.EXPERIMENTS[listing](os.environ["HANDLOOM_DATA"], 1.0)
    by_hand = experiment_of(name, 1, seed)[1]
    rivals: dict[str, Epoch] = {"tutorial": _listing(theirs), "bare": bare(by_hand)}
    if options.compiled:
        again = listings.EXPERIMENTS[listing](os.environ["HANDLOOM_DATA"], 1.0)
        next(again)
        rivals["compiled"] = compiled(name, again, experiment_of(name, 1, seed)[1])
    samples = experiment.train.steps * experiment.train.batch_size
    with tempfile.TemporaryDirectory() as folder:
        run = RunDirectory.create(Path(folder) / "run", job, "mnist")
        best = KeepBest(run)
        watch = Alternate(samples, rivals)
        callbacks = [best, Journal(run), TensorBoard(run), Checkpoints(run, best), watch]
        Fit(experiment, callbacks).run()
    losses = {
        "fit": ours(experiment),
        "tutorial": on_test(lambda image: listed(name, theirs, 2 * image - 1)),
        "bare": ours(by_hand),
    }
    ratios = {
        rival: sorted(
            a / b for a, b in zip(watch.speeds["fit"][1:], watch.speeds[rival][1:], strict=True)
        )
        for rival in rivals
    }
    return {
        "network": name,
        "target": target,
        "n": epochs,
        "samples_per_second": {k: round(max(v[1:])) for k, v in watch.speeds.items()},
        "best_over_best": {
            r: round(max(watch.speeds["fit"][1:]) / max(watch.speeds[r][1:]), 2) for r in rivals
        },
        "pairs": {
            r: [round(v, 2) for v in (found[0], found[len(found) // 2], found[-1])]
            for r, found in ratios.items()
        },
        f"test_loss_after_{epochs + 1}": {k: round(v, 2) for k, v in losses.items()},
        "precision": experiment.precision.name,
        "seed": seed,
        "machine": machine(),
    }


def listed(name: str, listing: Any, image: torch.Tensor) -> torch.Tensor:
    """The listing's loss of `image` (B, 1, 28, 28) in [-1, 1], by its own layers, a mean."""
    parts = listing.gi_frame.f_locals
    flat = image.flatten(1) if name != "conv autoencoder" else image
    if name != "vae":
        return (parts["net"](flat).float() - flat).square().sum() / len(flat)
    hidden = torch.relu(parts["enc"](flat))
    mean, log_variance = parts["mean"](hidden).float(), parts["log_var"](hidden).float()
    latent = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
    return ((parts["dec"](latent).float() - flat).square().sum() + kl) / len(flat)


def on_test(loss: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """Mean of `loss` over MNIST's test images, in batches of 500 in [0, 1]; latents seeded."""
    config = check(find_job("vae").Config, TUTORIAL)
    test = find_job("vae").load(config, "mnist", lambda *_: None).test.image
    torch.manual_seed(0)
    with torch.no_grad():
        rows = test.permute(0, 3, 1, 2).float().div(255).split(500)
        return sum(loss(part).item() for part in rows) / len(rows)


def ours(experiment: Any) -> float:
    """The same of our network: the loss that its phase is trained with, in evaluation mode."""
    objective = experiment.objective.eval()

    def loss(image: torch.Tensor) -> torch.Tensor:
        with experiment.precision.autocast():
            return objective.metrics(objective.outputs({"image": image}))["loss"]

    return on_test(loss)


def compiled(name: str, listing: Any, experiment: Any) -> Epoch:
    """The listing's layers and loss, compiled, over our batches, precision and optimizer."""
    parts, count = listing.gi_frame.f_locals, 0
    names = ("enc", "mean", "log_var", "dec") if name == "vae" else ("net",)
    parameters = [p for part in names for p in parts[part].parameters()]
    decay = experiment.optimizers[experiment.objective.phases()[0].name].groups[0][2]
    optimizer = Adam(parameters, 1e-3, weight_decay=decay)

    def loss(image: torch.Tensor) -> torch.Tensor:
        with experiment.precision.autocast():
            return listed(name, listing, 2 * image - 1)

    fused = torch.compile(loss)

    def update(image: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        found = fused(image)
        found.backward()
        return found.detach()

    def run() -> tuple[float, float]:
        nonlocal count
        began, total = time.perf_counter(), torch.zeros(())
        for batch in experiment.train.batches(count):
            total += optimizer.step(lambda: update(batch["image"]))  # noqa: B023 - called at once
        count += 1
        samples = experiment.train.steps * experiment.train.batch_size
        return samples / (time.perf_counter() - began), total.item() / experiment.train.steps

    return run


def bare(experiment: Any) -> Epoch:
    """The loop a careful person writes by hand over the same tensors, loss and optimizer."""
    objective = experiment.objective.train()
    (phase,) = objective.phases()
    optimizer, count = experiment.optimizers[phase.name], 0

    def loss_of(batch: dict[str, torch.Tensor]) -> torch.Tensor:
        for parameter in optimizer.parameters:
            parameter.grad = None
        with experiment.precision.autocast():
            loss, _ = objective.loss(batch)
        loss.backward(inputs=optimizer.parameters)
        return loss.detach()

    def run() -> tuple[float, float]:
        nonlocal count
        began, total = time.perf_counter(), torch.zeros(())
        for batch in experiment.train.batches(count):
            loss = loss_of(batch)
            optimizer.step(lambda: loss)  # noqa: B023 - called at once
            total += loss
        count += 1
        mean = total.item() / experiment.train.steps
        samples = experiment.train.steps * experiment.train.batch_size
        return samples / (time.perf_counter() - began), mean

    return run


def judged(name: str, options: Any) -> dict[str, Any]:
    """One row of the table of what trained networks are worth; trained first if it is not there."""
    job, chosen = QUALITY[name]
    path = options.path / name
    if not (path / "config.json").exists():
        handloom.train(job, "mnist", out=path, quiet=True, **chosen)
    run = handloom.open(path)
    if not run.finished:
        handloom.resume(path, quiet=True)
    found = dict(run.evaluation or {})
    if job == "vae":
        from handloom.jobs.generation.evaluation import judged as images_of
        from handloom.jobs.vae.verbs import bound

        test = images_of(run.loaded, None).images
        part = test.subset(torch.arange(min(options.images, len(test))))
        began = time.perf_counter()
        nats = bound(run.loaded, part, options.k)
        found |= {
            "bound": round(nats.mean().item(), 3),
            "standard_error": round((nats.std() / len(nats) ** 0.5).item(), 3),
            "k": options.k,
            "bound_images": len(part),
            "bound_seconds": round(time.perf_counter() - began),
        }
    last = run.metrics[-1]
    return {
        "run": name,
        **{k: v for k, v in found.items() if k not in ("data", "classes")},
        "epochs": last["epoch"],
        "minutes": round(last["seconds"] / 60, 2),
        "threads": run.config["resolved"]["threads"],
        "precision": run.config["resolved"]["precision"],
        "seed": run.config["options"]["seed"],
        "machine": machine(),
    }


if __name__ == "__main__":
    main()
