"""Evaluate a VAE run: reconstruction, KL, and the importance-weighted bound."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from handloom.data.pictures import Pictures
from handloom.engine.evaluate import collect
from handloom.inference.bound import importance_bound
from handloom.inference.code import as_image
from handloom.load import Loaded
from handloom.objectives.vae import VAE
from handloom.recipes import coding as recipes
from handloom.recipes.vae import likelihood_of
from handloom.verbs import coding
from handloom.wording import counted

TELLING = 10  # pictures, from which a latent that stays the same for all says something
BUDGET = 1e12  # multiply-adds of the decoder that a bound may take: some seconds on two cores


def finish(run: Loaded) -> dict[str, Any]:
    """Once after training: evaluate, and keep codes and pictures for work without the data."""
    found = coding.judged(run, None)
    coding.keep(run, found.pictures)
    return _evaluated(run, found)


def evaluate(run: Loaded, data: str | None = None) -> dict[str, Any]:
    """What pictures cost, in nats each: the run's test split (validation if none) or others.

    Returns {"data", "split", "pictures", "latent", "likelihood", "binarise", "reconstruction",
    "kl", "loss" (their sum), "active": latents in use, "bound": minus the importance-weighted
    bound on log p(x) with "k" samples over the first "bound_pictures" pictures}; and "constant",
    what the tutorial's losses leave out of it, where they do. Where the run's data are not here,
    what was found when it was finished, with "recorded": True.
    """
    if data is None and (found := coding.recorded(run)) is not None:
        return found
    return _evaluated(run, coding.judged(run, data))


def sentence(found: dict[str, Any]) -> str:
    """One line of an evaluation, for the terminal."""
    pixels = {
        "dynamic": "pixels drawn from their intensity",
        "none": "intensities as they are",
    }[found["binarise"]]
    few = found["active"] <= found["latent"] // 10 and found["pictures"] >= TELLING
    collapse = "; the posterior has collapsed, the code says next to nothing: try a smaller --beta"
    old = f"; recorded when the run was finished: {found['reason']}" if "recorded" in found else ""
    seen = counted(found["bound_pictures"], "picture")
    return (
        f"{found['split']}: {found['loss']:.2f} nats a picture (reconstruction "
        f"{found['reconstruction']:.2f}, kl {found['kl']:.2f}), {found['bound']:.2f} by "
        f"importance weighting with k = {found['k']:,} over {seen}; "
        f"{found['likelihood']}, {pixels}; {found['active']} of {found['latent']} latents in use"
        f"{_left_out(found)}{collapse if few else ''}{old}"
    )


def _left_out(found: dict[str, Any]) -> str:
    if "constant" not in found:
        return ""
    return f"; the losses of training leave out the Gaussian's constant, {found['constant']:.2f}"


def bound(run: Loaded, pictures: Pictures, k: int, seed: int = 0, batch: int = 50) -> Tensor:
    """Minus the importance-weighted bound of every picture, nats (N,), on the CPU.

    Every picture is binarised once where the run is of black and white pixels. Same seed, same
    figures.
    """
    generator = torch.Generator().manual_seed(seed)
    likelihood = likelihood_of(run.config, run.networks["decoder"]).eval()
    label, found = coding.labels(run, pictures), []
    for start in range(0, len(pictures), batch):
        rows = slice(start, start + batch)
        image = as_image(pictures.image[rows], run.precision)
        if run.config["binarise"] == "dynamic":
            image = torch.bernoulli(image.cpu(), generator=generator).to(run.device)
        given = None if label is None else label[rows].to(run.device)
        networks = (run.networks["encoder"], run.networks["decoder"])
        with run.precision.autocast():
            nats = importance_bound(*networks, image, given, likelihood, k, generator=generator)
        found.append(-nats.cpu())
    return torch.cat(found)


def _evaluated(run: Loaded, judged: coding.Judged) -> dict[str, Any]:
    pictures, config = judged.pictures, run.config
    k = config["options"]["samples"]
    most = max(100, int(BUDGET / (k * _cost(run))))
    part = pictures.subset(torch.arange(min(most, len(pictures))))
    return {
        "data": judged.data,
        "split": judged.split,
        "pictures": len(pictures),
        "latent": config["latent"],
        "likelihood": config["likelihood"],
        "binarise": config["binarise"],
        **_terms(run, pictures),
        **_constant(run),
        "bound": round(bound(run, part, k).mean().item(), 4),
        "k": k,
        "bound_pictures": len(part),
    }


def _terms(run: Loaded, pictures: Pictures) -> dict[str, Any]:
    """The objective's own metrics, with the constant of a Gaussian density; same at every call."""
    config = run.config
    likelihood = likelihood_of(config, run.networks["decoder"])
    encoder, decoder, prior = (run.networks[name] for name in ("encoder", "decoder", "prior"))
    objective = VAE(encoder, decoder, prior, likelihood, config["binarise"], config["conditional"])
    source = recipes.source(_relabelled(run, pictures), 500, run.device, config["conditional"])
    before = torch.get_rng_state()
    torch.manual_seed(0)
    try:
        found = objective.metrics(collect(objective, source, run.precision))
    finally:
        torch.set_rng_state(before)
    terms = {name: round(value.item(), 4) for name, value in found.items()}
    return terms | {"active": int(found["active"])}


def _constant(run: Loaded) -> dict[str, float]:
    """Nats of every picture that the losses of a tutorial's training are lower or higher by."""
    if run.config["options"]["preset"] is None or run.config["likelihood"] != "gaussian":
        return {}
    height, width = run.config["preprocessing"]["size"]
    pixels = height * width * run.config["preprocessing"]["channels"]
    variance = run.networks["decoder"].get_buffer("variance").item()
    return {"constant": round(0.5 * pixels * math.log(2 * math.pi * variance), 4)}


def _relabelled(run: Loaded, pictures: Pictures) -> Pictures:
    label = coding.labels(run, pictures)
    if label is None:
        return pictures
    return Pictures(pictures.image, label, tuple(run.config["classes"]), pictures.names)


def _cost(run: Loaded) -> int:
    """Multiply-adds of the decoder for one latent, at least one for every weight."""
    from handloom.nn.layers import layer_table

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
