"""The report of an autoencoder, a VAE or a GAN: samples, training curves, latents."""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple

import torch
from markupsafe import Markup
from torch import Tensor

from handloom.data.images.drawing.animation import gif
from handloom.data.images.drawing.grid import grid, pairs, sheet
from handloom.jobs.generation.generate import generate, generating_network
from handloom.jobs.generation.latents import encode_images
from handloom.jobs.generation.planes import plane
from handloom.jobs.generation.records import GenerationRecord
from handloom.jobs.generation.walks import walk
from handloom.jobs.loading import EvaluationT, Loaded
from handloom.jobs.pages import longer, page, training_facts, use
from handloom.reports.curves import panels
from handloom.reports.filmstrip import embed, filmstrip
from handloom.reports.moving import moving
from handloom.reports.page import Facts, Page, Section
from handloom.reports.scatter import cloud_of, scatter
from handloom.runs.records import Metrics
from handloom.wording import pluralize

COUNT = 64  # samples
MOST_ROWS = 24  # classes with a row of their own
PAIRS = 32
FEWEST = 3  # latents that are shown as a cloud; of fewer there are no directions of variance
WALKERS, STOPS, STEPS = 6, 5, 12


class About(NamedTuple, Generic[EvaluationT]):
    """What a job's page says of itself.

    name: what was trained, with its article. goodness: an evaluation in a sentence. learning: what
    the curves show. film: what the samples of each epoch are. health: makes the section that says
    what is wrong with the generator, of the lines of metrics.jsonl and the evaluation.
    """

    name: str
    goodness: Callable[[EvaluationT], str]
    learning: str
    film: str
    health: Callable[[list[Metrics], EvaluationT | None], Section] | None = None


def report(
    run: Loaded[GenerationRecord], about: About[EvaluationT], evaluation: EvaluationT | None
) -> str:
    """HTML of one run, from its directory alone."""
    lines, reference = run.directory.metrics(), run.directory.reference() or {}
    sections = [_samples(run)]
    if about.health is not None:
        sections.append(about.health(lines, evaluation))
    sections.append(Section("Learning", about.learning, panels(lines, PANELS)))
    frames = filmstrip(run.directory.path)
    if frames is not None:
        sections.append(Section("Samples by epoch", about.film, frames))
    if "image" in reference:
        sections.append(_reconstructions(run, reference))
    if len(reference.get("latent", ())) >= FEWEST:
        sections.append(_latents(run, reference))
    sections += [_manifold(run, reference), _walks(run, reference)]
    return page(
        run,
        Page(
            lead=_lead(run, about, evaluation),
            advice=[*_ill(about, evaluation), *longer(run), use(run)],
            sections=sections,
            facts=_facts(run) | training_facts(run),
        ),
    )


def _ill(about: About[EvaluationT], evaluation: EvaluationT | None) -> list[Markup]:
    """Where to look first, if the figures show a problem."""
    if about.health is None or evaluation is None or not evaluation.get("warnings"):
        return []
    warning = evaluation["warnings"][-1]
    look = '<a href="#health">Health</a>: {}'
    shown = warning if warning.endswith(".") else f"{warning}."
    return [Markup(f"Its figures show a problem, see {look}").format(shown)]


def _lead(
    run: Loaded[GenerationRecord], about: About[EvaluationT], evaluation: EvaluationT | None
) -> list[str]:
    """What was trained, and how good it is."""
    config = run.config
    images = pluralize(config["images"]["train"], "image")
    latent = pluralize(config["latent_dim"], "dimension")
    given = ", each with its class," if config["conditional"] else ""
    trained = f"{about.name} with a latent of {latent} learned from {images}{given}"
    trained = f"{trained.rstrip(',')}."
    if evaluation is None:
        return [trained, "It was not evaluated."]
    sentence = about.goodness(evaluation)
    if evaluation.get("optimistic"):
        sentence = (
            f"{sentence[:-1]}; the figure is optimistic, since the same images chose the epoch."
        )
    return [trained, sentence]


PANELS = [
    ("Loss", {"train/loss": "training", "valid/loss": "validation", "test/loss": "test"}),
    (
        "Reconstruction, nats",
        {
            "train/reconstruction": "training",
            "valid/reconstruction": "validation",
            "test/reconstruction": "test",
        },
    ),
    ("KL, nats", {"train/kl": "training", "valid/kl": "validation", "test/kl": "test"}),
    ("Loss", {"train/discriminator/loss": "discriminator", "train/generator/loss": "generator"}),
    (
        "Discriminator output",
        {"train/discriminator/real": "real", "train/discriminator/fake": "generated"},
    ),
    ("Kernel distance", {"valid/kernel_distance": "kernel distance"}),
    ("Frechet distance", {"valid/frechet_distance": "Frechet distance"}),
    ("Diversity, real = 1", {"valid/diversity": "diversity"}),
    (
        "Distance to the nearest training image, real = 1",
        {"valid/nearest": "in features", "valid/nearest_pixels": "in pixels"},
    ),
]
PRIORS = {
    "normal": "Latents are sampled from a standard normal.",
    "uniform": "Latents are sampled from a uniform distribution in [-1, 1].",
    "fitted": "A plain autoencoder has no prior: latents are sampled from a Gaussian fitted to "
    "those of the training images.",
}
NAMES = {
    "normal": "standard normal",
    "uniform": "uniform in [-1, 1]",
    "fitted": "a Gaussian fitted to the training images",
}


def _facts(run: Loaded[GenerationRecord]) -> Facts:
    config = run.config
    height, width, channels = config["network"]["size"]
    images = ", ".join(f"{n:,} {name}" for name, n in config["images"].items())
    return {
        "images": f"{images}, {width}x{height} {'grey' if channels == 1 else 'colour'}",
        "networks": f"{config['network']['kind']}: "
        + ", ".join(
            f"{name} with {sum(p.numel() for p in network.parameters()):,} parameters"
            for name, network in run.networks.items()
            if any(True for _ in network.parameters())
        ),
        "latent": f"{pluralize(config['latent_dim'], 'dimension')}, {NAMES[config['prior']]}"
        + ("; conditional on the class" if config["conditional"] else ""),
    }


def _samples(run: Loaded[GenerationRecord]) -> Section:
    prior: Any = run.networks["prior"]
    text, classes = PRIORS[prior.kind], run.config["classes"]
    is_sheet = run.config["conditional"] and len(classes) <= MOST_ROWS
    count = COUNT // len(classes) * len(classes) if is_sheet else COUNT
    latent = prior(count, torch.Generator().manual_seed(0)).cpu()
    if not run.config["conditional"]:
        return Section("Samples", text, embed(grid(_generated(run, latent)), "samples"))
    label = torch.arange(count) % len(classes)
    pixels = _generated(run, latent, label)
    names = [classes[i] for i in label.tolist()]
    image = sheet(pixels, names) if is_sheet else grid(pixels)
    order = "One row per class." if is_sheet else "The classes come in turn."
    return Section("Samples", f"{text} {order}", embed(image, "samples"))


def _reconstructions(run: Loaded[GenerationRecord], reference: dict[str, Tensor]) -> Section:
    original = reference["image"][:PAIRS]
    label = _label(run, reference, len(original))
    latent = encode_images(run.networks["encoder"], original, label, run.precision).mean
    image = pairs(original, _generated(run, latent, label))
    text = "Images not used for training, each above its reconstruction."
    return Section("Reconstructions", text, embed(image, "reconstructions below originals"))


def _latents(run: Loaded[GenerationRecord], reference: dict[str, Tensor]) -> Section:
    label = reference.get("label") if run.config["classes"] else None
    cloud = cloud_of(reference["latent"], label)
    drag = "move" if len(cloud.axes) < 3 else "rotate"
    text = (
        f"Latents of {pluralize(len(cloud.label), 'image')} not used for training. {cloud.about} "
        f"Drag to {drag}, scroll to zoom, double-click to reset."
    )
    return Section("Latents", text, scatter(cloud, run.config["classes"]))


def _manifold(run: Loaded[GenerationRecord], reference: dict[str, Tensor]) -> Section:
    prior: Any = run.networks["prior"]
    side = 15 if run.config["network"]["size"][0] <= 32 else 9
    corners = prior(4, torch.Generator().manual_seed(0))
    latent, about = plane(
        prior.kind, prior.mean, prior.covariance, side, reference.get("latent"), corners
    )
    label = None
    if run.config["conditional"]:
        label = torch.zeros(len(latent), dtype=torch.int64)
        about += f", class {run.config['classes'][0]}"
    image = grid(_generated(run, latent, label), side, smallest=28, gap=1)
    return Section("Manifold", f"{about[0].upper()}{about[1:]}.", embed(image, "manifold"))


def _walks(run: Loaded[GenerationRecord], reference: dict[str, Tensor]) -> Section:
    """An animation of several walks, each through some latents and back to its first."""
    prior: Any = run.networks["prior"]
    count = WALKERS * STOPS
    if len(reference.get("latent", ())) >= count:
        encoded = reference["latent"]
        stops = encoded[torch.arange(count) * len(encoded) // count]
        what = "between latents of images"
    else:
        stops = prior(count, torch.Generator().manual_seed(1)).cpu()
        what = "between sampled latents"
    paths = [walk(part, STEPS, prior.kind == "normal", closed=True) for part in stops.split(STOPS)]
    frames = torch.stack(paths, 1)  # (F, WALKERS, D)
    label = None
    if run.config["conditional"]:
        classes = torch.arange(WALKERS) % len(run.config["classes"])
        label = classes.repeat(len(frames))
    pixels = _generated(run, frames.flatten(0, 1), label)
    rows = pixels.split(WALKERS)
    animation = gif(torch.stack([grid(row, WALKERS, 84) for row in rows]), 90, smallest=1)
    shape = "along great circles" if prior.kind == "normal" else "along straight lines"
    text = f"{WALKERS} walks {what}, {shape}."
    return Section("Walks", text, moving(animation, "walks"))


def _generated(
    run: Loaded[GenerationRecord], latent: Tensor, label: Tensor | None = None
) -> Tensor:
    return generate(generating_network(run.networks), latent, run.precision, label)


def _label(
    run: Loaded[GenerationRecord], reference: dict[str, Tensor], count: int
) -> Tensor | None:
    return reference["label"][:count] if run.config["conditional"] else None
