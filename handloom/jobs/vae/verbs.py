"""Evaluate a VAE run: reconstruction, KL, and the importance-weighted bound."""

import math
from typing import cast

import torch
from torch import Tensor, nn

from handloom.data.images.dataset import Images
from handloom.engine.evaluate import collect
from handloom.jobs.generation import autoencoding
from handloom.jobs.generation import evaluation as shared
from handloom.jobs.generation.latents import to_image
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.images.evaluation_data import EvaluationData
from handloom.jobs.loading import Loaded
from handloom.jobs.vae.build import likelihood_of
from handloom.jobs.vae.config import Resolved
from handloom.jobs.vae.records import Evaluation, Record
from handloom.metrics.likelihood_bound import importance_bound
from handloom.objectives.vae import VAE
from handloom.wording import pluralize

ENOUGH = 10  # images, with fewer of which unused latent dimensions prove nothing
BUDGET = 1e12  # multiply-adds of the decoder for the bound: some seconds on two cores


def finish(run: Loaded[Record]) -> Evaluation:
    """Evaluate after training, and save latents and images for use without the data."""
    used = shared.evaluated(run, None)
    shared.save_reference(run, used.images)
    return _evaluated(run, used)


def evaluate(
    run: Loaded[Record], data: str | None = None, options: ImageReadingOptions | None = None
) -> Evaluation:
    """Negative log likelihood bounds of the run's test split (validation if it has none) or of
    other images, in nats per image.

    Returns {"data", "split", "images", "latent_dim", "likelihood", "binarize", "reconstruction",
    "kl", "loss" (their sum), "active": latent dimensions in use, "bound": minus the
    importance-weighted bound on log p(x) with "importance_samples" samples over "bound_images" of
    the images, of every class its share}, and "constant" where the losses of training leave a
    constant out. Where the run's data are missing, the evaluation recorded after training, with
    "recorded": True and "reason".
    """
    if data is None and (earlier := shared.recorded(run, Evaluation)) is not None:
        return earlier
    return _evaluated(run, shared.evaluated(run, data, options))


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines, with what is odd about it."""
    pixels = {
        "dynamic": "binarized pixels",
        "none": "pixel intensities",
    }[evaluation["binarize"]]
    unused = (
        evaluation["active"] <= evaluation["latent_dim"] // 10 and evaluation["images"] >= ENOUGH
    )
    lines = [
        f"{evaluation['split']}: {evaluation['loss']:.2f} nats per image (reconstruction "
        f"{evaluation['reconstruction']:.2f}, kl {evaluation['kl']:.2f})",
        f"{evaluation['bound']:.2f} by importance weighting with "
        f"{pluralize(evaluation['importance_samples'], 'sample')} over "
        f"{pluralize(evaluation['bound_images'], 'image')}; {evaluation['likelihood']}, {pixels}; "
        f"{evaluation['active']} of {evaluation['latent_dim']} latent dimensions in use",
    ]
    if "constant" in evaluation:
        lines.append(
            f"training losses leave out the Gaussian's constant, {evaluation['constant']:.2f}"
        )
    if unused:
        lines.append(
            "the posterior has collapsed, so the latent hardly matters: try a smaller --beta"
        )
    if "recorded" in evaluation:
        lines.append(f"recorded after training: {evaluation['reason']}")
    return lines


def bound(run: Loaded[Record], images: Images, k: int, seed: int = 0, batch: int = 50) -> Tensor:
    """Minus the importance-weighted bound of every image, nats (N,), on the CPU.

    Every image is binarized once if the run binarizes. The same seed gives the same figures.
    """
    generator = torch.Generator().manual_seed(seed)
    likelihood = likelihood_of(run.config, run.networks["decoder"]).eval()
    label, bounds = shared.labels(run, images), []
    for start in range(0, len(images), batch):
        rows = slice(start, start + batch)
        image = to_image(images.image[rows], run.precision)
        if run.config["binarize"] == "dynamic":
            image = torch.bernoulli(image.cpu(), generator=generator).to(run.device)
        classes = None if label is None else label[rows].to(run.device)
        networks = (run.networks["encoder"], run.networks["decoder"])
        with run.precision.autocast():
            nats = importance_bound(*networks, image, classes, likelihood, k, generator=generator)
        bounds.append(-nats.cpu())
    return torch.cat(bounds)


def _evaluated(run: Loaded[Record], used: EvaluationData) -> Evaluation:
    images, config = used.images, run.config
    k = run.options(Resolved).importance_samples
    most = max(100, int(BUDGET / (k * _cost(run))))
    part = images.sample(most)
    return {
        "data": used.data,
        "split": used.split,
        "images": len(images),
        "latent_dim": config["latent_dim"],
        "likelihood": config["likelihood"],
        "binarize": config["binarize"],
        **_terms(run, images),
        **_constant(run),
        "bound": round(bound(run, part, k).mean().item(), 4),
        "importance_samples": k,
        "bound_images": len(part),
        **used.record(),
    }


def _terms(run: Loaded[Record], images: Images) -> Evaluation:
    """The metrics of the objective, with the constant of a Gaussian density; repeatable."""
    config = run.config
    likelihood = likelihood_of(config, run.networks["decoder"])
    encoder, decoder, prior = (run.networks[name] for name in ("encoder", "decoder", "prior"))
    objective = VAE(encoder, decoder, prior, likelihood, config["binarize"], config["conditional"])
    loader = autoencoding.loader(_relabelled(run, images), 500, run.device, config["conditional"])
    before = torch.get_rng_state()
    torch.manual_seed(0)
    try:
        metrics = objective.metrics(collect(objective, loader, run.precision))
    finally:
        torch.set_rng_state(before)
    terms = {name: round(value.item(), 4) for name, value in metrics.items()}
    return {**cast("Evaluation", terms), "active": int(metrics["active"])}


def _constant(run: Loaded[Record]) -> Evaluation:
    """Nats per image that the losses under the preset leave out."""
    if run.options(Resolved).preset is None or run.config["likelihood"] != "gaussian":
        return {}
    height, width = run.config["preprocessing"]["size"]
    pixels = height * width * run.config["preprocessing"]["channels"]
    variance = run.networks["decoder"].get_buffer("variance").item()
    return {"constant": round(0.5 * pixels * math.log(2 * math.pi * variance), 4)}


def _relabelled(run: Loaded[Record], images: Images) -> Images:
    label = shared.labels(run, images)
    if label is None:
        return images
    return Images(images.image, label, tuple(run.config["classes"]), images.names)


def _cost(run: Loaded[Record]) -> int:
    """Multiply-adds of the decoder for one latent, at least one per weight."""
    from handloom.models.summary import layer_table

    decoder, device = run.networks["decoder"], run.device
    label = torch.zeros(1, dtype=torch.int64, device=device) if run.config["conditional"] else None
    layers = layer_table(
        _WithLabel(decoder, label), torch.zeros(1, run.config["latent_dim"], device=device)
    )
    # Dense layers may run as one autograd function, which hides the layers from the table.
    return max(
        sum(layer.multiply_adds for layer in layers), sum(p.numel() for p in decoder.parameters())
    )


class _WithLabel(nn.Module):
    """A decoder with its label fixed."""

    def __init__(self, decoder: nn.Module, label: Tensor | None) -> None:
        super().__init__()
        self.decoder, self.label = decoder, label

    def forward(self, latent: Tensor) -> Tensor:
        logits: Tensor = self.decoder(latent, self.label)
        return logits
