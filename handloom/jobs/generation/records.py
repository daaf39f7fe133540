"""What config.json of an autoencoder, a VAE and a GAN says, and evaluation.json of two of them."""

from __future__ import annotations

from typing import Literal, TypedDict

from handloom.jobs.images.records import ImageSetRecord
from handloom.runs.records import Evaluated


class NetworkSizes(TypedDict, total=False):
    """Everything the constructors of the networks take, in `models/generative`.

    kind: which ones. size: [H, W, C]. classes: 0 of an unconditional one. hidden: widths of dense
    layers, or the width of the residual networks' one. full_width: channels at full size.
    """

    kind: str
    size: list[int]
    latent_dim: int
    classes: int
    hidden: list[int] | int
    activation: str
    width: int
    depth: int
    full_width: int
    variational: bool
    output_activation: Literal["sigmoid", "tanh"]
    variance: float | None


class GenerationRecord(ImageSetRecord):
    """config.json of a run that makes images of latents. conditional: on the class."""

    network: NetworkSizes
    latent_dim: int
    prior: Literal["normal", "uniform", "fitted"]
    conditional: bool


class Recorded(TypedDict, total=False):
    """In an evaluation that was recorded after training, since the data are not there now."""

    recorded: bool
    reason: str


class AutoencodingEvaluation(Evaluated, Recorded, total=False):
    """evaluation.json of an autoencoder and of a VAE. loss: of an image; what of, the job says."""

    images: int
    latent_dim: int
    loss: float
