"""Variational autoencoder: codes that are close to N(0, I), from which new images are drawn.

By default a residual convolutional network (`conv`); `dense` has linear layers alone. The
tutorial's network, 784-400-20, stands under --preset tutorial.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from handloom.config import option
from handloom.errors import UserError
from handloom.jobs.generation import autoencoding as coding
from handloom.jobs.generation.options import Generation
from handloom.jobs.job import Built, single
from handloom.jobs.options import broken

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet, Images, Report

STEPS = 20_000  # of a whole training
TUTORIAL: dict[str, Any] = dict(
    epochs=100, latent=20, likelihood="gaussian", binarise="none", warmup=0.0
)


@dataclass(frozen=True, kw_only=True)
class Config(Generation):
    """Options of `train vae`."""

    network: Literal["conv", "dense"] | None = option(
        None, "conv (default) is residual and modern; dense has linear layers alone"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's network and training to the letter"
    )
    likelihood: Literal["bernoulli", "gaussian"] | None = option(
        None, "of a pixel: bernoulli for black on white, gaussian with one variance for all else"
    )
    binarise: Literal["dynamic", "none"] | None = option(
        None, "dynamic: every pixel is black or white, drawn from its intensity at every look"
    )
    beta: float = option(1.0, "weight of the KL divergence", 0)
    warmup: float | None = option(None, "share of the training in which beta grows from 0", 0, 1)
    conditional: bool = option(False, "tell both networks the class of every image")
    samples: int = option(
        100, "samples an image for the bound that is computed at the end", 1, 1_000_000
    )
    width: int | None = option(None, "channels of conv's first stage, or of dense's layers", 2)
    depth: int | None = option(None, "residual blocks a stage of conv, or layers of dense", 1, 16)
    schedule: Literal["constant", "cosine"] | None = option(
        None, "of the learning rate over the epochs"
    )


def load(config: Config, data: str, report: Report) -> DataSet:
    """Read the images; the tutorial trains on all and is judged on the test split."""
    found = coding.load(config, data, report)
    if config.conditional and found.train.label is None:
        raise UserError(
            f"--conditional needs classes, and {data} has none: give one subfolder a class, a "
            "table with labels, or leave --conditional out"
        )
    return found


def resolve(config: Config, data: DataSet) -> Config:
    """Choose what was left open, for the network, the size and the colours of the data."""
    if config.preset and config.network == "conv":
        raise UserError(
            "--network conv: the tutorial has one VAE, the dense one; leave --network or --preset "
            "out"
        )
    config = replace(config, network=config.network or ("dense" if config.preset else "conv"))
    assert config.network is not None
    size = coding.sizes_of(data)
    binary = not config.preset and _black_and_white(data.train)
    likelihood = config.likelihood or ("bernoulli" if binary else "gaussian")
    if likelihood == "gaussian" and config.binarise == "dynamic":
        raise UserError(
            "--binarise dynamic: black and white pixels need --likelihood bernoulli, not gaussian"
        )
    own = coding.network_for(config.network, size) | {
        "latent": 20 if config.network == "dense" else coding.latent_for_vae(size),
        "likelihood": likelihood,
        "binarise": "dynamic" if likelihood == "bernoulli" else "none",
        "warmup": 0.0 if config.network == "dense" else 0.05,
    }
    found: Config = coding.chosen(config, data, TUTORIAL, own, STEPS)
    return found


def build(config: Any, data: DataSet, device: torch.device) -> Built:
    """Networks, objective, sources, optimizer; in `config` nothing is left open."""
    from handloom.engine.schedule import ScheduledValue
    from handloom.jobs.generation.reconstruction_samples import drawing
    from handloom.objectives.vae import VAE

    record: dict[str, Any] = {
        "network": _sizes(config, data),
        "latent": config.latent,
        "prior": "normal",
        "conditional": config.conditional,
        "likelihood": config.likelihood,
        "binarise": config.binarise,
        **coding.facts(data),
    }
    made = coding.made_of(config, data, networks(record), device)
    likelihood = likelihood_of(record, made["decoder"], fixed=config.preset is not None)
    objective = VAE(
        made["encoder"],
        made["decoder"],
        made["prior"],
        likelihood,
        config.binarise,
        config.conditional,
        config.beta,
    )
    experiment = coding.experiment(config, data, device, objective, made, config.conditional)
    experiment.scheduled.append(ScheduledValue(objective.beta, _beta(config), once=True))
    watch = drawing(config, data, made, experiment.precision, config.conditional, new=True)
    return Built(single(experiment, [watch]), record, [*data.notes, *broken(data)])


def networks(record: dict[str, Any]) -> dict[str, nn.Module]:
    """Encoder, decoder and prior, from a run's config.json."""
    from handloom.models.generative.prior import Prior

    encoder, decoder = coding.encoder_and_decoder(record["network"])
    return {"encoder": encoder, "decoder": decoder, "prior": Prior(record["latent"], "normal")}


def likelihood_of(record: dict[str, Any], decoder: nn.Module, fixed: bool = False) -> nn.Module:
    """-log p(x | logits) of a run, with the variance that its decoder keeps.

    fixed: the tutorial's squared error, its constant left out.
    """
    from handloom.objectives.likelihood import Bernoulli, Gaussian

    if record["likelihood"] == "bernoulli":
        return Bernoulli()
    return Gaussian(decoder.get_buffer("variance"), fixed)


def _black_and_white(images: Images, most: int = 5_000) -> bool:
    """Whether nearly all pixels are black or white: 9 % of MNIST's are in between, 35 % of the
    digits' and 39 % of Fashion-MNIST's, where drawing pixels from their intensity drowns what
    there is to see in noise."""
    if images.channels != 1:
        return False
    pixels = images.image[:: max(1, len(images) // most)]
    between = (pixels > 25) & (pixels < 230)
    return bool(between.float().mean() < 0.2)


def _sizes(config: Any, data: DataSet) -> dict[str, Any]:
    """Everything the constructors take, and the kind of network."""
    return coding.shape_of(config, (400,)) | {
        "size": coding.sizes_of(data),
        "latent": config.latent,
        "classes": len(data.train.classes) if config.conditional else 0,
        "variational": True,
        "squash": "sigmoid" if config.likelihood == "bernoulli" else "tanh",
        "variance": 0.125 if config.likelihood == "gaussian" else None,
    }


def _beta(config: Any) -> Any:
    """Linear up to beta over the warm-up (Bowman et al. 2016, arXiv:1511.06349, sec. 3.1)."""
    if not config.warmup:
        return lambda fraction: config.beta
    return lambda fraction: config.beta * min(1.0, fraction / config.warmup)
