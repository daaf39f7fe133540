"""Options of `train vae`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handloom.config import option
from handloom.jobs.generation.autoencoding import Autoencoding, ResolvedAutoencoding


@dataclass(frozen=True, kw_only=True)
class Config(Autoencoding):
    """Options of `train vae`."""

    likelihood: Literal["bernoulli", "gaussian"] | None = option(
        None,
        "of a pixel: bernoulli for black and white, gaussian (learned variance) otherwise",
    )
    binarize: Literal["dynamic", "none"] | None = option(
        None, "dynamic: pixels are sampled black or white by their intensity, in every step"
    )
    beta: float = option(1.0, "weight of the KL divergence", 0)
    warmup: float | None = option(
        None, "fraction of the training over which beta rises from 0", 0, 1
    )
    conditional: bool = option(False, "condition both networks on the class of the image")
    importance_samples: int = option(
        100, "samples per image for the importance-weighted bound after training", 1, 1_000_000
    )


@dataclass(frozen=True, kw_only=True)
class Resolved(ResolvedAutoencoding, Config):
    """Config with every option chosen."""

    likelihood: Literal["bernoulli", "gaussian"]
    binarize: Literal["dynamic", "none"]
    warmup: float
