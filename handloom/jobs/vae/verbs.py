"""Evaluate a VAE run: reconstruction, KL, and the importance-weighted bound."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from handloom.data.images.dataset import Images
from handloom.engine.evaluate import collect
from handloom.jobs.generation import autoencoding as recipes
from handloom.jobs.generation import evaluation as coding
from handloom.jobs.generation.latents import as_image
from handloom.jobs.loading import Loaded
from handloom.jobs.vae.build import likelihood_of
from handloom.metrics.likelihood_bound import importance_bound
from handloom.objectives.vae import VAE
from handloom.wording import pluralize

TELLING = 10  # images, from which a latent that stays the same for all says something
BUDGET = 1e12  # multiply-adds of the decoder that a bound may take: some seconds on two cores


def finish(run: Loaded) -> dict[str, Any]:
    """Once after training: evaluate, and keep codes and images for work without the data."""
    found = coding.judged(run, None)
    coding.keep(run, found.images)
    return _evaluated(run, found)


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """What images cost, in nats each: the run's test split (validation if none) or others.

    Returns {"data", "split", "images", "latent", "likelihood", "binarise", "reconstruction",
    "kl", "loss" (their sum), "active": latents in use, "bound": minus the importance-weighted
    bound on log p(x) with "k" samples over the first "bound_images" images}; and "constant",
    what the tutorial's losses leave out of it, where they do. Where the run's data are not here,
    what was found when it was finished, with "recorded": True.
    """
    if data is None and (found := coding.recorded(run)) is not None:
        return found
    return _evaluated(run, coding.judged(run, data))


def describe(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    pixels = {
        "dynamic": "pixels drawn from their intensity",
        "none": "intensities as they are",
    }[found["binarise"]]
    few = found["active"] <= found["latent"] // 10 and found["images"] >= TELLING
    collapse = "; the posterior has collapsed, the code says next to nothing: try a smaller --beta"
    old = f"; recorded when the run was finished: {found['reason']}" if "recorded" in found else ""
    seen = pluralize(found["bound_images"], "image")
    return (
        f"{found['split']}: {found['loss']:.2f} nats an image (reconstruction "
        f"{found['reconstruction']:.2f}, kl {found['kl']:.2f}), {found['bound']:.2f} by "
        f"importance weighting with k = {found['k']:,} over {seen}; "
        f"{found['likelihood']}, {pixels}; {found['active']} of {found['latent']} latents in use"
        f"{_left_out(found)}{collapse if few else ''}{old}"
    )


def _left_out(found: dict[str, Any]) -> str:
    if "constant" not in found:
        return ""
    return f"; the losses of training leave out the Gaussian's constant, {found['constant']:.2f}"


def bound(run: Loaded, images: Images, k: int, seed: int = 0, batch: int = 50) -> Tensor:
    """Minus the importance-weighted bound of every image, nats (N,), on the CPU.

    Every image is binarised once where the run is of black and white pixels. Same seed, same
    figures.
    """
    generator = torch.Generator().manual_seed(seed)
    likelihood = likelihood_of(run.config, run.networks["decoder"]).eval()
    label, found = coding.labels(run, images), []
    for start in range(0, len(images), batch):
        rows = slice(start, start + batch)
        image = as_image(images.image[rows], run.precision)
        if run.config["binarise"] == "dynamic":
            image = torch.bernoulli(image.cpu(), generator=generator).to(run.device)
        given = None if label is None else label[rows].to(run.device)
        networks = (run.networks["encoder"], run.networks["decoder"])
        with run.precision.autocast():
            nats = importance_bound(*networks, image, given, likelihood, k, generator=generator)
        found.append(-nats.cpu())
    return torch.cat(found)


def _evaluated(run: Loaded, judged: coding.Judged) -> dict[str, Any]:
    images, config = judged.images, run.config
    k = config["options"]["samples"]
    most = max(100, int(BUDGET / (k * _cost(run))))
    part = images.subset(torch.arange(min(most, len(images))))
    return {
        "data": judged.data,
        "split": judged.split,
        "images": len(images),
        "latent": config["latent"],
        "likelihood": config["likelihood"],
        "binarise": config["binarise"],
        **_terms(run, images),
        **_constant(run),
        "bound": round(bound(run, part, k).mean().item(), 4),
        "k": k,
        "bound_images": len(part),
    }


def _terms(run: Loaded, images: Images) -> dict[str, Any]:
    """The objective's own metrics, with the constant of a Gaussian density; same at every call."""
    config = run.config
    likelihood = likelihood_of(config, run.networks["decoder"])
    encoder, decoder, prior = (run.networks[name] for name in ("encoder", "decoder", "prior"))
    objective = VAE(encoder, decoder, prior, likelihood, config["binarise"], config["conditional"])
    source = recipes.source(_relabelled(run, images), 500, run.device, config["conditional"])
    before = torch.get_rng_state()
    torch.manual_seed(0)
    try:
        found = objective.metrics(collect(objective, source, run.precision))
    finally:
        torch.set_rng_state(before)
    terms = {name: round(value.item(), 4) for name, value in found.items()}
    return terms | {"active": int(found["active"])}


def _constant(run: Loaded) -> dict[str, float]:
    """Nats of every image that the losses of a tutorial's training are lower or higher by."""
    if run.config["options"]["preset"] is None or run.config["likelihood"] != "gaussian":
        return {}
    height, width = run.config["preprocessing"]["size"]
    pixels = height * width * run.config["preprocessing"]["channels"]
    variance = run.networks["decoder"].get_buffer("variance").item()
    return {"constant": round(0.5 * pixels * math.log(2 * math.pi * variance), 4)}


def _relabelled(run: Loaded, images: Images) -> Images:
    label = coding.labels(run, images)
    if label is None:
        return images
    return Images(images.image, label, tuple(run.config["classes"]), images.names)


def _cost(run: Loaded) -> int:
    """Multiply-adds of the decoder for one latent, at least one for every weight."""
    from handloom.models.summary import layer_table

    decoder, device = run.networks["decoder"], run.device
    label = torch.zeros(1, dtype=torch.int64, device=device) if run.config["conditional"] else None
    layers = layer_table(_Told(decoder, label), torch.zeros(1, run.config["latent"], device=device))
    # Dense layers may run as one function, in which no layer is seen to be called.
    return max(
        sum(layer.multiply_adds for layer in layers), sum(p.numel() for p in decoder.parameters())
    )


class _Told(nn.Module):
    """A decoder that is told a label."""

    def __init__(self, decoder: nn.Module, label: Tensor | None) -> None:
        super().__init__()
        self.decoder, self.label = decoder, label

    def forward(self, latent: Tensor) -> Tensor:
        drawn: Tensor = self.decoder(latent, self.label)
        return drawn
