"""Training speed of GAN, LSGAN and DCGAN beside the tutorials' way and a bare loop, in turns.

usage: HANDLOOM_DATA=DATA python -m benchmarks.gan_speed LISTINGS.py [--epochs 3] [--fraction 1.0]
           [--only gan lsgan dcgan] [--cpu-time]

As benchmarks/speed.py, on MNIST. `fit` neither evaluates nor writes samples here, which the
tutorial's code does not do. Prints for each GAN a JSON line, with the distances of all three sides
after the same epochs, by one evaluator. --fraction: of the training images.
"""

import json
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.arguments import data_folder
from benchmarks.gans import evaluate, evaluator_of, experiment_of
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
from handloom.engine.precision import Precision

GOALS = {"gan": 3.0, "lsgan": 3.0, "dcgan": 2.5}


def main() -> None:
    parser = arguments(__doc__, GOALS, 3)
    parser.add_argument("--fraction", type=float, default=1.0)
    options = parser.parse_args()
    begin(options)
    listings = load_listings(options.listings)
    for name in options.only:
        print(json.dumps(compare(name, listings, options.epochs, options.fraction)), flush=True)


def compare(name: str, listings: Any, epochs: int, fraction: float) -> dict[str, Any]:
    """Speed of the three sides, and what their generators are worth at the end."""
    listing = listings.EXPERIMENTS[f"{name}-mnist"](str(data_folder()), fraction)
    rivals = {"tutorial": tutorial(listing)}
    experiment = experiment_of(name, "mnist", fraction, epochs=epochs + 1)
    by_hand: Any = experiment_of(name, "mnist", fraction, epochs=1)
    turns = take_turns(experiment, "gan", rivals | {"bare": _bare(by_hand)})
    objective: Any = experiment.objective
    prior, precision = objective.prior, experiment.precision
    plain = Precision(precision.device, None)
    evaluator = evaluator_of("mnist")
    metrics = {
        "fit": evaluate(evaluator, objective.eval_model, prior, precision),
        "tutorial": evaluate(evaluator, Listed(listing.gi_frame.f_locals["G"]), prior, plain),
        "bare": evaluate(evaluator, by_hand.objective.eval_model, prior, precision),
    }
    return {
        "gan": name,
        "goal": GOALS[name],
        "images": turns.samples,
        **speeds(turns),
        **{
            f"{key}_after_{epochs + 1}": {k: round(v[key], 4) for k, v in metrics.items()}
            for key in ("kernel_distance", "frechet_distance")
        },
        "precision": precision.name,
        "seed": 0,
        "clock": clock.name,
        "machine": machine(),
    }


class Listed(nn.Module):
    """A listing's generator, with the method that ours have."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def generate(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        raw: Tensor = self.network(latent)
        return (raw.view(len(raw), 1, 28, 28) + 1) / 2


def _bare(experiment: Any) -> Epoch:
    """The loop a careful person writes by hand over the same tensors, networks and optimizers."""
    objective, autocast = experiment.objective, experiment.precision.autocast
    generator, discriminator = objective.generator.train(), objective.discriminator.train()
    first, second = experiment.optimizers["discriminator"], experiment.optimizers["generator"]
    steps, count = experiment.train.steps, 0

    def update(optimizer: Any, loss: Tensor) -> Tensor:
        optimizer.zero_grad()
        loss.backward(inputs=optimizer.parameters)
        optimizer.step(lambda: loss)
        return loss.detach()

    def run() -> tuple[float, float]:
        nonlocal count
        began, totals = clock(), [torch.zeros(()), torch.zeros(())]
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
        _, total = torch.stack(totals).tolist()
        count += 1
        return steps * experiment.train.batch_size / (clock() - began), total / steps

    return run


if __name__ == "__main__":
    main()
