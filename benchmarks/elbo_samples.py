"""How sure the loss of a VAE is: by one sample of a latent and by many, and which epoch it chooses.

usage: python -m benchmarks.elbo_samples RUN [--epochs 30] [--seeds 32]

Trains README's VAE on digits into RUN. On the validation images, the loss after every epoch with
--seeds samples: the standard deviation of one, that of the difference of two epochs in a row with
the same noise, and by how much the epoch that one sample chooses is worse than the best by all
samples, with noise of its own for every epoch and with the same noise, as in training. On the test
images, the standard deviation over seeds of the loss with 1 and with 100 samples. Nats per image.
"""

import json
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor

import handloom
from benchmarks.arguments import parser_of
from benchmarks.machine import machine
from handloom.engine import loop
from handloom.engine.evaluate import evaluate
from handloom.metrics.likelihood_bound import likelihood_bounds
from handloom.objectives.vae import divergence


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=32)
    options = parser.parse_args()
    nats = by_epoch(options.run, options.epochs, options.seeds)
    found = {**choice(nats), **final(options.run, options.seeds), "seeds": options.seeds}
    print(json.dumps({name: round(value, 4) for name, value in found.items()}))
    print(machine())


def by_epoch(path: Path, epochs: int, seeds: int) -> Tensor:
    """Validation losses (epochs, seeds) of a training."""
    losses = list[Tensor]()

    def several(objective: Any, source: Any, *others: Any) -> dict[str, float]:
        objective.eval()
        images = torch.cat([batch["image"].clone() for batch in source.batches(epoch=0)])
        losses.append(torch.stack([loss(objective, images, 1, seed) for seed in range(seeds)]))
        objective.train()
        return evaluate(objective, source, *others)

    with mock.patch.object(loop, "evaluate", several):
        handloom.train(
            "vae", "digits", out=path, network="dense", latent_dim=2, epochs=epochs, quiet=True
        )
    return torch.stack(losses)


def loss(objective: Any, images: Tensor, k: int, seed: int) -> Tensor:
    """Of a whole set, with k samples of each image."""
    found = likelihood_bounds(
        objective.encoder, objective.decoder, images, None, objective.likelihood, k,
        generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip
    return (found.reconstruction + divergence(found.mean, found.log_variance)).mean()


def choice(nats: Tensor) -> dict[str, float]:
    """What one sample is worth for choosing the epoch."""
    mean, seeds = nats.mean(1), nats.shape[1]
    fresh = torch.stack([row[torch.randperm(seeds)] for row in nats])
    return {
        "one_sample": nats[-1].std().item(),
        "difference_by_the_same_noise": (nats[1:] - nats[:-1])[-10:].std(1).mean().item(),
        "worse_by_fresh_noise": (mean[fresh.argmin(0)] - mean.min()).mean().item(),
        "worse_by_the_same_noise": (mean[nats.argmin(0)] - mean.min()).mean().item(),
    }


def final(path: Path, seeds: int) -> dict[str, float]:
    """Of the saved networks on the test images."""
    from handloom.jobs.generation.evaluation import evaluated
    from handloom.jobs.vae.bounds import bounds

    run: Any = handloom.open(path).loaded
    images = evaluated(run, None).images
    spread = {}
    for k in (1, 100):
        found = [bounds(run, images, k, seed).reconstruction.mean() for seed in range(seeds)]
        spread[f"test_{k}"] = torch.stack(found).std().item()
    return spread


if __name__ == "__main__":
    main()
