"""Evaluate an autoencoder run."""

from typing import cast

import torch

from handloom.data.images.dataset import Images
from handloom.jobs.autoencoder.records import Evaluation
from handloom.jobs.generation import evaluation as shared
from handloom.jobs.generation.latents import encode_images, to_image
from handloom.jobs.generation.records import GenerationRecord
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.images.evaluation_data import EvaluationData
from handloom.jobs.loading import Loaded
from handloom.metrics.pca import pca_squared_error
from handloom.models.generative.prior import Prior
from handloom.objectives.squares import squared_error
from handloom.wording import pluralize

FITTED = 20_000  # training images whose latents the prior is fitted to


def finish(run: Loaded[GenerationRecord]) -> Evaluation:
    """Evaluate after training, save latents and images for use without the data, and fit the prior
    to the latents of the saved encoder; in training it was a moving average."""
    used = shared.evaluated(run, None)
    shared.save_reference(run, used.images)
    if used.train is not None:
        image = used.train.sample(FITTED).image
        prior = cast(Prior, run.networks["prior"])
        prior.fit(encode_images(run.networks["encoder"], image, None, run.precision).mean)
        run.directory.write_networks({k: n.state_dict() for k, n in run.networks.items()})
    return _evaluated(run, used)


def evaluate(
    run: Loaded[GenerationRecord],
    data: str | None = None,
    options: ImageReadingOptions | None = None,
) -> Evaluation:
    """Reconstruction error on the run's test split (validation if it has none) or on other images.

    Returns {"data", "split", "images", "latent_dim", "loss": sum of squared errors of an image in
    [-1, 1], "error": root mean squared error of a pixel in [0, 1], "pca": the loss of as many
    principal components of the training images, clamped to [-1, 1]}. Where the run's
    data are missing, the evaluation recorded after training, with "recorded": True and "reason".
    """
    if data is None and (earlier := shared.recorded(run, Evaluation)) is not None:
        return earlier
    return _evaluated(run, shared.evaluated(run, data, options))


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines: the error, and that of as many principal components."""
    lines = [
        f"{evaluation['split']}: {evaluation['loss']:.2f} squared error per image, summed over "
        f"pixels in [-1, 1]; root mean square {100 * evaluation['error']:.2f} % of a pixel's "
        f"range; {pluralize(evaluation['images'], 'image')}, "
        f"{pluralize(evaluation['latent_dim'], 'latent dimension')}"
    ]
    if "pca" in evaluation:
        components = pluralize(evaluation["latent_dim"], "principal component")
        lines.append(f"for comparison: {evaluation['pca']:.2f} by {components}")
    if "recorded" in evaluation:
        lines.append(f"recorded after training: {evaluation['reason']}")
    return lines


def _evaluated(run: Loaded[GenerationRecord], used: EvaluationData) -> Evaluation:
    loss = _loss(run, used.images)
    pixels = used.images.image[0].numel()
    figures: Evaluation = {
        "data": used.data,
        "split": used.split,
        "images": len(used.images),
        "latent_dim": run.config["latent_dim"],
        "loss": round(loss, 4),
        "error": round((loss / 4 / pixels) ** 0.5, 6),
    }
    if used.train is not None:
        pca = pca_squared_error(used.train.image, used.images.image, run.config["latent_dim"])
        figures["pca"] = round(pca, 4)
    return {**figures, **used.record()}


@torch.no_grad()
def _loss(run: Loaded[GenerationRecord], images: Images, batch: int = 500) -> float:
    encoder, decoder, total = run.networks["encoder"], run.networks["decoder"], 0.0
    for rows in images.image.split(batch):
        image = to_image(rows, run.precision)
        with run.precision.autocast():
            logits = decoder(encoder(image))
        total += 4 * squared_error(logits, image).double().sum().item()
    return total / len(images)
