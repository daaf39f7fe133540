"""Training speed of autoencoders and a VAE beside the tutorials' way and a bare loop, in turns.

usage: HANDLOOM_DATA=DATA python -m benchmarks.autoencoder_speed LISTINGS.py [--epochs 5]
           [--fraction 1.0]
           [--only NAME ...] [--seed 0] [--compiled] [--cpu-time]
       HANDLOOM_DATA=DATA python -m benchmarks.autoencoder_speed --floors

As benchmarks/speed.py, on MNIST. --compiled: also an epoch of the listing's own layers over our
batches and optimizer, its loss compiled by torch.compile (needs a C++ compiler; the epoch in which
it compiles is the first, which is not counted). Losses after the same epochs are those of all
10,000 test images, by one measure for all. --floors: operations and bytes of one step of the
tutorials' networks, before anything is timed.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from benchmarks.arguments import data_folder
from benchmarks.machine import machine
from benchmarks.turns import (
    Epoch,
    arguments,
    begin,
    clock,
    load_listings,
    speeds,
    take_turns,
    tutorial,
)
from handloom.config import check
from handloom.engine.optim import Adam
from handloom.engine.precision import pick_device
from handloom.jobs import find_job
from handloom.models.summary import layer_table

CASES = {  # name: listing, job, options
    "dense autoencoder": ("autoencoder-mnist", "autoencoder", {"network": "dense"}),
    "conv autoencoder": ("conv-autoencoder-mnist", "autoencoder", {"network": "conv"}),
    "vae": ("vae-mnist", "vae", {}),
}
TUTORIAL: dict[str, Any] = {"preset": "tutorial"}


def main() -> None:
    parser = arguments(__doc__, CASES, 5, is_optional=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fraction", type=float, default=1.0, help="of the training images")
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--floors", action="store_true")
    options = parser.parse_args()
    begin(options)
    if options.floors:
        rows = (floors(name) for name in options.only)
    elif options.listings is None:
        parser.error("give LISTINGS.py, or --floors")
    else:
        listings = load_listings(options.listings)
        rows = (compare(name, listings, options) for name in options.only)
    for row in rows:
        print(json.dumps(row), flush=True)


def experiment_of(name: str, epochs: int, seed: int = 0, fraction: float = 1.0) -> tuple[Any, Any]:
    """The tutorial's training as the command line builds it, not evaluated between epochs."""
    _, job, chosen = CASES[name]
    record = find_job(job)
    config = check(record.config, TUTORIAL | chosen | {"epochs": epochs, "seed": seed})
    data = record.load(config, "mnist", lambda *_: None)
    rows = torch.arange(int(len(data.train) * fraction))
    data = replace(data, train=data.train.subset(rows))
    config = record.resolve(config, data)
    torch.manual_seed(config.seed)
    experiment = record.build(config, data, pick_device()).experiment
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
    listing, job, _ = CASES[name]
    epochs, seed, root = options.epochs, options.seed, str(data_folder())
    fraction = options.fraction
    _, experiment = experiment_of(name, epochs + 1, seed, fraction)
    torch.manual_seed(seed)
    theirs = listings.EXPERIMENTS[listing](root, fraction)
    rivals: dict[str, Epoch] = {"tutorial": tutorial(theirs)}
    by_hand = experiment_of(name, 1, seed, fraction)[1]
    rivals["bare"] = bare(by_hand)
    if options.compiled:
        again = listings.EXPERIMENTS[listing](root, fraction)
        next(again)
        rivals["compiled"] = compiled(name, again, experiment_of(name, 1, seed, fraction)[1])
    turns = take_turns(experiment, job, rivals)
    losses = {
        "fit": ours(experiment),
        "tutorial": on_test(lambda image: tutorial_loss(name, theirs, 2 * image - 1)),
        "bare": ours(by_hand),
    }
    return {
        "network": name,
        **speeds(turns),
        f"test_loss_after_{epochs + 1}": {k: round(v, 2) for k, v in losses.items()},
        "precision": experiment.precision.name,
        "seed": seed,
        "clock": clock.name,
        "machine": machine(),
    }


def tutorial_loss(name: str, listing: Any, image: torch.Tensor) -> torch.Tensor:
    """The listing's loss of `image` (B, 1, 28, 28) in [-1, 1], by its own layers, a mean."""
    variables = listing.gi_frame.f_locals
    flat = image.flatten(1) if name != "conv autoencoder" else image
    if name != "vae":
        return (variables["net"](flat).float() - flat).square().sum() / len(flat)
    hidden = torch.relu(variables["enc"](flat))
    mean, log_variance = variables["mean"](hidden).float(), variables["log_var"](hidden).float()
    latent = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
    return ((variables["dec"](latent).float() - flat).square().sum() + kl) / len(flat)


def on_test(loss: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """Mean of `loss` over MNIST's test images, in batches of 500 in [0, 1]; latents seeded."""
    vae = find_job("vae")
    test = vae.load(check(vae.config, TUTORIAL), "mnist", lambda *_: None).test.image
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
    variables, count = listing.gi_frame.f_locals, 0
    names = ("enc", "mean", "log_var", "dec") if name == "vae" else ("net",)
    parameters = [p for part in names for p in variables[part].parameters()]
    decay = experiment.optimizers[experiment.objective.phases()[0].name].groups[0][2]
    optimizer = Adam(parameters, 1e-3, weight_decay=decay)

    def loss(image: torch.Tensor) -> torch.Tensor:
        with experiment.precision.autocast():
            return tutorial_loss(name, listing, 2 * image - 1)

    fused = torch.compile(loss)

    def update(image: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        mean = fused(image)
        mean.backward()
        return mean.detach()

    def run() -> tuple[float, float]:
        nonlocal count
        began, total = clock(), torch.zeros(())
        for batch in experiment.train.batches(count):
            total += optimizer.step(lambda: update(batch["image"]))  # noqa: B023 - called at once
        count += 1
        samples = experiment.train.steps * experiment.train.batch_size
        return samples / (clock() - began), total.item() / experiment.train.steps

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
        began, total = clock(), torch.zeros(())
        for batch in experiment.train.batches(count):
            loss = loss_of(batch)
            optimizer.step(lambda: loss)  # noqa: B023 - called at once
            total += loss
        count += 1
        mean = total.item() / experiment.train.steps
        samples = experiment.train.steps * experiment.train.batch_size
        return samples / (clock() - began), mean

    return run


if __name__ == "__main__":
    main()
