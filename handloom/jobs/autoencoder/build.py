"""Autoencoder: images through a narrow code and back.

By default a residual convolutional network (`conv`); `dense` has linear layers alone. The
tutorial's two networks stand under --preset tutorial.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    from handloom.data.images.dataset import DataSet, Report

STEPS = 10_000  # of a whole training
TUTORIAL: dict[str, dict[str, Any]] = {
    "dense": dict(epochs=100),
    "conv": dict(epochs=40, weight_decay=1e-5),
}


@dataclass(frozen=True, kw_only=True)
class Config(Generation):
    """Options of `train autoencoder`."""

    network: Literal["conv", "dense"] = option(
        "conv", "conv is residual and modern; dense has linear layers alone"
    )
    preset: Literal["tutorial"] | None = option(
        None, "tutorial: the classic tutorial's network and training to the letter"
    )
    width: int | None = option(None, "channels of conv's first stage, or of dense's layers", 2)
    depth: int | None = option(None, "residual blocks a stage of conv, or layers of dense", 1, 16)
    schedule: Literal["constant", "cosine"] | None = option(
        None, "of the learning rate over the epochs"
    )


def load(config: Config, data: str, report: Report) -> DataSet:
    """Read the images; the tutorial trains on all and is judged on the test split."""
    return coding.load(config, data, report)


def resolve(config: Config, data: DataSet) -> Config:
    """Choose what was left open, for the network and the size of the data."""
    size = coding.sizes_of(data)
    if config.preset and config.network == "conv":
        from handloom.models.generative.conv_autoencoder import corner

        fixed = 8 * corner(size[0]) * corner(size[1])
        if config.latent not in (None, fixed):
            raise UserError(
                f"--latent {config.latent}: the tutorial's convolutional network has a code of "
                f"{fixed} numbers at {size[1]}x{size[0]} pixels; leave --latent or --preset out"
            )
    else:
        fixed = 3 if config.preset else coding.latent_for(size)
    own = coding.network_for(config.network, size)
    tutorial = TUTORIAL[config.network] | {"latent": fixed}
    found: Config = coding.chosen(config, data, tutorial, own | {"latent": fixed}, STEPS)
    return found


def build(config: Any, data: DataSet, device: torch.device) -> Built:
    """Networks, objective, sources, optimizer; in `config` nothing is left open."""
    from handloom.jobs.generation.reconstruction_samples import drawing
    from handloom.objectives.autoencoder import Autoencoder

    record: dict[str, Any] = {
        "network": _sizes(config, data),
        "latent": config.latent,
        "prior": "fitted",
        "conditional": False,
        **coding.facts(data),
    }
    made = coding.made_of(config, data, networks(record), device)
    objective = Autoencoder(made["encoder"], made["decoder"], made["prior"])
    experiment = coding.experiment(config, data, device, objective, made)
    watch = drawing(config, data, made, experiment.precision)
    return Built(single(experiment, [watch]), record, [*data.notes, *broken(data)])


def networks(record: dict[str, Any]) -> dict[str, nn.Module]:
    """Encoder, decoder and the Gaussian of the codes, from a run's config.json."""
    from handloom.models.generative.prior import Prior

    encoder, decoder = coding.encoder_and_decoder(record["network"])
    return {"encoder": encoder, "decoder": decoder, "prior": Prior(record["latent"], "fitted")}


def _sizes(config: Any, data: DataSet) -> dict[str, Any]:
    """Everything the constructors take, and the kind of network."""
    size = coding.sizes_of(data)
    if config.preset and config.network == "conv":
        return {"kind": "tutorial-conv", "size": size}
    shape = coding.shape_of(config, (128, 64, 12))
    return shape | {
        "size": size,
        "latent": config.latent,
        "classes": 0,
        "variational": False,
        "squash": "tanh",
        "variance": None,
    }
