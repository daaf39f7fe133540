"""Evaluate a VAE run: reconstruction, KL, and the importance-weighted bound."""

import math

from torch import Tensor

from handloom.jobs.generation import evaluation as shared
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.images.evaluation_data import EvaluationData
from handloom.jobs.loading import Loaded
from handloom.jobs.vae.bounds import Terms, bits, dimensions, terms
from handloom.jobs.vae.config import Resolved
from handloom.jobs.vae.records import Evaluation, Record
from handloom.objectives.vae import active
from handloom.wording import pluralize

ENOUGH = 10  # images, with fewer of which unused latent dimensions prove nothing


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

    Returns {"data", "split", "images", "latent_dim", "likelihood", "binarize", "reconstruction":
    the mean over "samples" latents of every image, "kl", "loss" (their sum), "active": latent
    dimensions in use, "bound": minus the importance-weighted bound on log p(x) with
    "importance_samples" samples over "bound_images" of the images, of every class its share,
    "bits_per_dimension" (see `metrics.likelihood_bound`) of the bound, "loss_standard_error" and
    "bound_standard_error": of the means over the images}, and "constant" where the losses of
    training leave a constant out. Where the run's data are missing, the evaluation recorded after
    training, with "recorded": True and "reason".
    """
    if data is None and (earlier := shared.recorded(run, Evaluation)) is not None:
        return earlier
    return _evaluated(run, shared.evaluated(run, data, options))


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines, with what is odd about it."""
    pixels = "binarized pixels" if evaluation["binarize"] == "dynamic" else "pixel intensities"
    lines = [
        f"{evaluation['split']}: {loss_of(evaluation)} nats per image (reconstruction "
        f"{evaluation['reconstruction']:.2f}, kl {evaluation['kl']:.2f})",
        f"{bound_of(evaluation)}, by importance weighting with "
        f"{pluralize(evaluation['importance_samples'], 'sample')} over "
        f"{pluralize(evaluation['bound_images'], 'image')}; {evaluation['likelihood']}, {pixels}; "
        f"{evaluation['active']} of {evaluation['latent_dim']} latent dimensions in use",
    ]
    if "constant" in evaluation:
        lines.append(
            f"training losses leave out the Gaussian's constant, {evaluation['constant']:.2f}"
        )
    if evaluation["active"] <= evaluation["latent_dim"] // 10 and evaluation["images"] >= ENOUGH:
        lines.append(
            "the latent hardly matters: the posterior has collapsed, or the network has not "
            "learned yet; try more --epochs, or a smaller --beta"
        )
    if "recorded" in evaluation:
        lines.append(f"recorded after training: {evaluation['reason']}")
    return lines


def loss_of(evaluation: Evaluation) -> str:
    """The loss and its standard error over the images, where it has one."""
    return f"{evaluation['loss']:.2f}{_plus_minus(evaluation.get('loss_standard_error'))}"


def bound_of(evaluation: Evaluation) -> str:
    """The importance-weighted bound, its standard error, and what it is in bits, where known."""
    shown = f"{evaluation['bound']:.2f}{_plus_minus(evaluation.get('bound_standard_error'))} nats"
    if "bits_per_dimension" in evaluation:
        shown += f", {evaluation['bits_per_dimension']:.2f} bits per dimension"
    return shown


def _plus_minus(error: float | None) -> str:
    return "" if error is None else f" ± {error:.2f}"


def _evaluated(run: Loaded[Record], used: EvaluationData) -> Evaluation:
    images, config = used.images, run.config
    k = run.options(Resolved).importance_samples
    estimates = terms(run, images, k)
    return {
        "data": used.data,
        "split": used.split,
        "images": len(images),
        "latent_dim": config["latent_dim"],
        "likelihood": config["likelihood"],
        "binarize": config["binarize"],
        **_figures(run, estimates),
        **_constant(run),
        "importance_samples": k,
        "bound_images": len(estimates.bound),
        **used.record(),
    }


def _figures(run: Loaded[Record], estimates: Terms) -> Evaluation:
    loss = estimates.reconstruction + estimates.kl
    figures: Evaluation = {
        "loss": _mean(loss),
        "reconstruction": _mean(estimates.reconstruction),
        "kl": _mean(estimates.kl),
        "samples": estimates.samples,
        "active": int(active(estimates.mean)),
        "bound": _mean(estimates.bound),
    }
    per_dimension = bits(run, estimates.bound.mean().item())
    if per_dimension is not None:
        figures["bits_per_dimension"] = round(per_dimension, 4)
    if len(estimates.bound) > 1:
        figures["loss_standard_error"] = _standard_error(loss)
        figures["bound_standard_error"] = _standard_error(estimates.bound)
    return figures


def _mean(nats: Tensor) -> float:
    return round(nats.double().mean().item(), 4)


def _standard_error(nats: Tensor) -> float:
    return round(nats.double().std().item() / math.sqrt(len(nats)), 4)


def _constant(run: Loaded[Record]) -> Evaluation:
    """Nats per image that the losses under the preset leave out."""
    if run.options(Resolved).preset is None or run.config["likelihood"] != "gaussian":
        return {}
    variance = run.networks["decoder"].get_buffer("variance").item()
    return {"constant": round(0.5 * dimensions(run) * math.log(2 * math.pi * variance), 4)}
