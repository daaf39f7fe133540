"""What config.json and evaluation.json of a VAE say, in addition to those of its kind."""

from __future__ import annotations

from typing import Literal

from handloom.jobs.generation.records import AutoencodingEvaluation, GenerationRecord

Likelihood = Literal["bernoulli", "gaussian"]
Binarize = Literal["none", "dynamic"]


class Record(GenerationRecord):
    """config.json of a VAE."""

    likelihood: Likelihood
    binarize: Binarize


class Evaluation(AutoencodingEvaluation, total=False):
    """evaluation.json of a VAE, nats of an image: see `jobs.vae.verbs.evaluate`. active: latent
    dimensions in use. constant: what the losses of training leave out."""

    likelihood: Likelihood
    binarize: Binarize
    reconstruction: float
    kl: float
    active: int
    constant: float
    samples: int
    loss_standard_error: float
    bound: float
    bound_standard_error: float
    bits_per_dimension: float
    importance_samples: int
    bound_images: int
