"""What evaluation.json of an autoencoder says."""

from __future__ import annotations

from handloom.jobs.generation.records import AutoencodingEvaluation


class Evaluation(AutoencodingEvaluation, total=False):
    """See `jobs.autoencoder.verbs.evaluate`. loss, pca: squared error of an image in [-1, 1].
    error: root mean squared error of a pixel in [0, 1]."""

    error: float
    pca: float
