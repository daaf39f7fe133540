"""Variational autoencoder: latents close to N(0, I), from which new images are generated.

By default a residual convolutional network (`conv`); `dense` has linear layers only. The
tutorial's network, 784-400-20, is under --preset tutorial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.generation import autoencoding as coding
from handloom.jobs.images.records import image_set_record
from handloom.jobs.options import broken
from handloom.jobs.training.stage import Built, single
from handloom.jobs.vae.config import Config, Resolved
from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet, Images
    from handloom.data.io.progress import ReportProgress
    from handloom.engine.schedule import Schedule
    from handloom.jobs.generation.records import NetworkSizes
    from handloom.jobs.vae.records import Record

STEPS = 20_000  # of a training, about
TUTORIAL: Options = dict(
    network="dense", epochs=100, latent_dim=20, likelihood="gaussian", binarize="none", warmup=0.0
)


def load(config: Config, data: str, report: ReportProgress) -> DataSet:
    """Read the images; under the preset all but the test split are trained on."""
    images = coding.load(config, data, report)
    if config.conditional and images.train.label is None:
        raise UserError(
            f"--conditional: the images in {data} have no labels; give a folder with one "
            "subfolder per class, or a table with labels, or leave --conditional out"
        )
    return images


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose the options that were not given, for the network, the size and colours of the data."""
    if config.preset and config.network == "conv":
        raise UserError(
            "--network conv: the tutorial has a dense VAE only; leave --network or --preset out"
        )
    network = config.network or ("dense" if config.preset else "conv")
    size = coding.sizes_of(data)
    binary = not config.preset and _black_and_white(data.train)
    likelihood = config.likelihood or ("bernoulli" if binary else "gaussian")
    if likelihood == "gaussian" and config.binarize == "dynamic":
        raise UserError(
            "--binarize dynamic: binary pixels need --likelihood bernoulli, not gaussian"
        )
    own = coding.network_for(network, size) | {
        "network": network,
        "latent_dim": 20 if network == "dense" else coding.latent_dim_for_vae(size),
        "likelihood": likelihood,
        "binarize": "dynamic" if likelihood == "bernoulli" else "none",
        "warmup": 0.0 if network == "dense" else 0.05,
    }
    return coding.resolve(Resolved, config, data, TUTORIAL, own, STEPS)


def build(config: Resolved, data: DataSet, device: torch.device) -> Built:
    """Networks, objective, loaders and optimizer of a resolved config."""
    from handloom.engine.schedule import ScheduledValue
    from handloom.jobs.generation.reconstruction_samples import reconstruction_samples
    from handloom.objectives.vae import VAE

    record: Record = {
        "network": _sizes(config, data),
        "latent_dim": config.latent_dim,
        "prior": "normal",
        "conditional": config.conditional,
        "likelihood": config.likelihood,
        "binarize": config.binarize,
        **image_set_record(data),
    }
    modules = coding.initialized(config, data, networks(record), device)
    likelihood = likelihood_of(record, modules["decoder"], fixed=config.preset is not None)
    objective = VAE(
        modules["encoder"],
        modules["decoder"],
        modules["prior"],
        likelihood,
        config.binarize,
        config.conditional,
        config.beta,
    ).to(device)
    experiment = coding.experiment(config, data, device, objective, modules, config.conditional)
    experiment.scheduled.append(ScheduledValue(objective.beta, _beta(config), once=True))
    samples = reconstruction_samples(
        config, data, modules, experiment.precision, config.conditional, new=True
    )
    return Built(single(experiment, [samples]), record, [*data.notes, *broken(data)])


def networks(record: Record) -> dict[str, nn.Module]:
    """Encoder, decoder and prior, from a run's config.json."""
    from handloom.models.generative.prior import Prior

    encoder, decoder = coding.encoder_and_decoder(record["network"])
    return {"encoder": encoder, "decoder": decoder, "prior": Prior(record["latent_dim"], "normal")}


def likelihood_of(record: Record, decoder: nn.Module, fixed: bool = False) -> nn.Module:
    """-log p(x | logits) of a run, with the variance in its decoder.

    fixed: the tutorial's squared error, without the constant of the density.
    """
    from handloom.objectives.likelihood import Bernoulli, Gaussian

    if record["likelihood"] == "bernoulli":
        return Bernoulli()
    return Gaussian(decoder.get_buffer("variance"), fixed)


def _black_and_white(images: Images, most: int = 5_000) -> bool:
    """Whether nearly all pixels are black or white. Of MNIST's 9 % are in between; of the digits'
    35 % and of Fashion-MNIST's 39 %, where sampled pixels would be mostly noise."""
    if images.channels != 1:
        return False
    pixels = images.sample(most).image
    between = (pixels > 25) & (pixels < 230)
    return bool(between.float().mean() < 0.2)


def _sizes(config: Resolved, data: DataSet) -> NetworkSizes:
    """The kind of network and every argument of its constructors."""
    return {
        **coding.shape_of(config, (400,)),
        "size": coding.sizes_of(data),
        "latent_dim": config.latent_dim,
        "classes": len(data.train.classes) if config.conditional else 0,
        "variational": True,
        "output_activation": "sigmoid" if config.likelihood == "bernoulli" else "tanh",
        "variance": 0.125 if config.likelihood == "gaussian" else None,
    }


def _beta(config: Resolved) -> Schedule:
    """Linear up to beta over the warm-up (Bowman et al. 2016, arXiv:1511.06349, sec. 3.1)."""
    if not config.warmup:
        return lambda fraction: config.beta
    return lambda fraction: config.beta * min(1.0, fraction / config.warmup)
