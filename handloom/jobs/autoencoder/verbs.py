"""Evaluate an autoencoder run."""

from typing import Any, cast

import torch

from handloom.data.images.dataset import Images
from handloom.jobs.generation import evaluation as coding
from handloom.jobs.generation.latents import as_image, codes_of, principal_squares
from handloom.jobs.loading import Loaded
from handloom.models.generative.prior import Prior
from handloom.objectives.squares import squared_error
from handloom.wording import pluralize

FITTED = 20_000  # training images whose codes the prior is fitted to


def finish(run: Loaded) -> dict[str, Any]:
    """Once after training: evaluate, keep codes and images for work without the data, and fit
    the prior to the codes of the kept encoder; in training it followed those of the last steps."""
    found = coding.judged(run, None)
    coding.keep(run, found.images)
    if found.train is not None:
        rows = torch.arange(min(FITTED, len(found.train)))
        image = found.train.subset(rows * len(found.train) // len(rows)).image
        prior = cast(Prior, run.networks["prior"])
        prior.fit(codes_of(run.networks["encoder"], image, None, run.precision))
        run.directory.write_networks({k: n.state_dict() for k, n in run.networks.items()})
    return _evaluated(run, found)


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """How well images come back: the run's test split (validation if it has none) or others.

    Returns {"data", "split", "images", "latent", "loss": sum of squares over the pixels of a
    image in [-1, 1], "error": the mean difference of a pixel in [0, 1] (root of mean square),
    "pca": the loss that as many principal components of the training images leave}. Where the
    run's data are not here, what was found when it was finished, with "recorded": True.
    """
    if data is None and (found := coding.recorded(run)) is not None:
        return found
    return _evaluated(run, coding.judged(run, data))


def describe(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    pca = old = ""
    if "pca" in found:
        pca = f" ({found['pca']:.2f} by {found['latent']} principal components)"
    if "recorded" in found:
        old = f"; recorded when the run was finished: {found['reason']}"
    return (
        f"{found['split']}: {found['loss']:.2f} squared error an image{pca}, "
        f"{100 * found['error']:.2f} % a pixel, {pluralize(found['images'], 'image')} through "
        f"{pluralize(found['latent'], 'number')}{old}"
    )


def _evaluated(run: Loaded, judged: coding.Judged) -> dict[str, Any]:
    loss = _loss(run, judged.images)
    pixels = judged.images.image[0].numel()
    found = {
        "data": judged.data,
        "split": judged.split,
        "images": len(judged.images),
        "latent": run.config["latent"],
        "loss": round(loss, 4),
        "error": round((loss / 4 / pixels) ** 0.5, 6),
    }
    if judged.train is not None:
        pca = principal_squares(judged.train.image, judged.images.image, run.config["latent"])
        found["pca"] = round(pca, 4)
    return found


@torch.no_grad()
def _loss(run: Loaded, images: Images, batch: int = 500) -> float:
    encoder, decoder, total = run.networks["encoder"], run.networks["decoder"], 0.0
    for rows in images.image.split(batch):
        image = as_image(rows, run.precision)
        with run.precision.autocast():
            logits = decoder(encoder(image))
        total += 4 * squared_error(logits, image).double().sum().item()
    return total / len(images)
