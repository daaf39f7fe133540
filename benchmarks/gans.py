"""The GANs that are compared, and how all of them are evaluated: by one evaluator a data set."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from handloom.config import check
from handloom.engine.loop import Experiment
from handloom.engine.precision import Precision, pick_device
from handloom.errors import UserError
from handloom.jobs.gan import build as gan
from handloom.jobs.gan.config import Config
from handloom.jobs.gan.evaluator import Evaluator, evaluator_for
from handloom.jobs.generation.generate import generate

GANS: dict[str, dict[str, Any]] = {  # name: options of `train gan`
    "gan": {"network": "dense", "loss": "minimax", "preset": "tutorial"},
    "lsgan": {"network": "dense", "loss": "least-squares", "preset": "tutorial"},
    "dcgan": {"network": "dcgan", "preset": "tutorial"},
    "dcgan-own": {"network": "dcgan"},  # its own defaults: EMA, learning rates that fall
    "resnet": {},
}
GENERATED = 10_000  # images of an evaluation


def experiment_of(name: str, data: str, fraction: float = 1.0, **options: Any) -> Experiment:
    """As the command line builds it, on a fraction of the images, and not evaluated on the way."""
    config = check(Config, GANS[name] | options)
    loaded = gan.load(config, data, lambda *_: None)
    rows = torch.arange(int(len(loaded.train) * fraction))
    part = replace(loaded, train=loaded.train.subset(rows))
    resolved = gan.resolve(config, loaded)  # for all of it
    torch.manual_seed(resolved.seed)
    experiment: Experiment = gan.build(resolved, part, pick_device()).experiment
    experiment.evaluations, experiment.monitor = {}, None
    return experiment


def evaluator_of(data: str) -> Evaluator:
    """The evaluator of a data set, fitted once and kept in the folder for temporary files."""
    from safetensors.torch import load_file, save_file

    config = check(Config, GANS["dcgan"])
    evaluator = evaluator_for(None, gan.load(config, data, lambda *_: None), pick_device())
    kept = Path(tempfile.gettempdir()) / f"handloom-evaluator-{data}.safetensors"
    try:
        evaluator.restore(load_file(kept))
    except (FileNotFoundError, UserError):  # none yet, or one of an earlier version
        save_file({name: t.contiguous() for name, t in evaluator.fit().items()}, kept)
    return evaluator.final()


def evaluate(
    evaluator: Evaluator, generator: nn.Module, prior: nn.Module, precision: Precision
) -> dict[str, float]:
    """Metrics of GENERATED images, always from the same latents."""
    latent = prior(GENERATED, torch.Generator().manual_seed(0))
    features = []
    for rows in latent.split(500):
        pixels = generate(generator, rows, precision)
        features.append(evaluator.features(pixels.permute(0, 3, 1, 2).float() / 255))
    metrics = evaluator.metrics(torch.cat(features))
    return {name: value.item() for name, value in metrics.items()}
