"""Autoencoder: images compressed to a few numbers, and reconstructed.

By default a residual convolutional network (`conv`); `dense` has linear layers only. The
tutorial's two networks are under --preset tutorial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handloom.errors import UserError
from handloom.jobs.autoencoder.config import Config, Resolved
from handloom.jobs.generation import autoencoding as coding
from handloom.jobs.images.records import image_set_record
from handloom.jobs.options import broken
from handloom.jobs.training.stage import Built, single
from handloom.runs.records import Options

if TYPE_CHECKING:
    import torch
    from torch import nn

    from handloom.data.images.dataset import DataSet
    from handloom.data.io.progress import ReportProgress
    from handloom.jobs.generation.records import GenerationRecord, NetworkSizes

STEPS = 10_000  # of a training, about
TUTORIAL: dict[str, Options] = {
    "dense": dict(epochs=100),
    "conv": dict(epochs=40, weight_decay=1e-5),
}


def load(config: Config, data: str, report: ReportProgress) -> DataSet:
    """Read the images; under the preset all but the test split are trained on."""
    return coding.load(config, data, report)


def resolve(config: Config, data: DataSet) -> Resolved:
    """Choose the options that were not given, for the network and the size of the data."""
    size, network = coding.sizes_of(data), config.network or "conv"
    if config.preset and network == "conv":
        from handloom.models.generative.conv_autoencoder import latent_side

        fixed = 8 * latent_side(size[0]) * latent_side(size[1])
        if config.latent_dim not in (None, fixed):
            raise UserError(
                f"--latent-dim {config.latent_dim}: the tutorial's convolutional network has "
                f"{fixed} latent dimensions at {size[1]}x{size[0]} pixels; leave --latent-dim or "
                "--preset out"
            )
    else:
        fixed = 3 if config.preset else coding.latent_dim_for(size)
    chosen = {"network": network, "latent_dim": fixed}
    tutorial, own = TUTORIAL[network] | chosen, coding.network_for(network, size) | chosen
    return coding.resolve(Resolved, config, data, tutorial, own, STEPS)


def build(config: Resolved, data: DataSet, device: torch.device) -> Built:
    """Networks, objective, loaders and optimizer of a resolved config."""
    from handloom.jobs.generation.reconstruction_samples import reconstruction_samples
    from handloom.objectives.autoencoder import Autoencoder

    record: GenerationRecord = {
        "network": _sizes(config, data),
        "latent_dim": config.latent_dim,
        "prior": "fitted",
        "conditional": False,
        **image_set_record(data),
    }
    modules = coding.initialized(config, data, networks(record), device)
    objective = Autoencoder(modules["encoder"], modules["decoder"], modules["prior"])
    experiment = coding.experiment(config, data, device, objective, modules)
    samples = reconstruction_samples(config, data, modules, experiment.precision)
    return Built(single(experiment, [samples]), record, [*data.notes, *broken(data)])


def networks(record: GenerationRecord) -> dict[str, nn.Module]:
    """Encoder, decoder and a Gaussian fitted to latents, from a run's config.json."""
    from handloom.models.generative.prior import Prior

    encoder, decoder = coding.encoder_and_decoder(record["network"])
    return {"encoder": encoder, "decoder": decoder, "prior": Prior(record["latent_dim"], "fitted")}


def _sizes(config: Resolved, data: DataSet) -> NetworkSizes:
    """The kind of network and every argument of its constructors."""
    size = coding.sizes_of(data)
    if config.preset and config.network == "conv":
        return {"kind": "tutorial-conv", "size": size}
    shape = coding.shape_of(config, (128, 64, 12))
    return {
        **shape,
        "size": size,
        "latent_dim": config.latent_dim,
        "classes": 0,
        "variational": False,
        "output_activation": "tanh",
        "variance": None,
    }
