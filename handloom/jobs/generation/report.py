"""The page of an autoencoder, a VAE or a GAN: what it draws, how it learned, what its codes say."""

from typing import Any

import torch
from markupsafe import Markup
from torch import Tensor

from handloom.data.images.animation import gif
from handloom.data.images.grid import grid, pairs, sheet
from handloom.jobs.generation import generate
from handloom.jobs.generation.latents import codes_of
from handloom.jobs.generation.walks import plane, walk
from handloom.jobs.loading import Loaded
from handloom.metrics.gan_health import words
from handloom.reports.curves import panels
from handloom.reports.filmstrip import filmstrip, shown
from handloom.reports.page import Section, image, page, table
from handloom.reports.scatter import cloud, scatter

COUNT = 64  # samples
MOST_ROWS = 24  # classes with a row of their own
PAIRS = 32
WALKERS, STOPS, STEPS = 6, 5, 12


def report(run: Loaded, sentence: str | None = None) -> str:
    """HTML of one run, from its directory alone; sentence: its evaluation in words."""
    lines, reference = run.directory.metrics(), run.directory.reference() or {}
    sections = [_samples(run)]
    if run.config["job"] == "gan":
        sections.append(_health(lines, run.directory.evaluation()))
    sections += [
        Section("Learning", _learning_text(run, lines), panels(lines, PANELS)),
    ]
    film = filmstrip(run.directory.path)
    if film is not None:
        sections.append(Section("Samples by epoch", FILM[run.config["job"]], film))
    if "image" in reference:
        sections.append(_reconstructions(run, reference))
    if "code" in reference:
        sections.append(_codes(run, reference))
    sections += [_manifold(run, reference), _walks(run, reference)]
    data = run.config["data"].replace("\\", "/").rstrip("/").rpartition("/")[2]
    return page(f"{run.config['job']} on {data}", _facts(run, lines, sentence), sections)


LEARNING = {
    "autoencoder": "The sum of squared differences of an image's pixels in [-1, 1], on average.",
    "vae": "In nats an image. Reconstruction is what the pixels cost once the code is known, KL "
    "what the code costs; their sum bounds what the image costs from above.",
    "gan": "What each player loses, what the critic makes of real and of generated images, and "
    "how far the generated ones are from real ones: KID and FID, both better when smaller.",
}
FILM = {
    "autoencoder": "Rows alternate: images it was not trained on, and what comes back of them.",
    "vae": "Rows alternate: images it was not trained on, and what comes back of them; new "
    "images are at the bottom.",
    "gan": "Always from the same latents.",
}
PANELS = [
    ("loss", {"train/loss": "training", "valid/loss": "validation", "test/loss": "test"}),
    (
        "reconstruction, nats",
        {
            "train/reconstruction": "training",
            "valid/reconstruction": "validation",
            "test/reconstruction": "test",
        },
    ),
    ("KL, nats", {"train/kl": "training", "valid/kl": "validation", "test/kl": "test"}),
    ("loss", {"train/critic/loss": "critic", "train/generator/loss": "generator"}),
    ("the critic says", {"train/critic/real": "of real", "train/critic/fake": "of generated"}),
    ("KID", {"valid/kid": "KID"}),
    ("FID", {"valid/fid": "FID"}),
    ("diversity, real images = 1", {"valid/diversity": "diversity"}),
    (
        "nearest training image",
        {"valid/nearest": "in features", "valid/pixels": "in pixels"},
    ),
]
PRIORS = {
    "normal": "Latents are drawn from a standard normal.",
    "uniform": "Latents are drawn from a uniform distribution in [-1, 1].",
    "fitted": "A plain autoencoder has no distribution of its own: codes are drawn from a Gaussian "
    "fitted to those of its training images.",
}
NAMES = {
    "normal": "standard normal",
    "uniform": "uniform in [-1, 1]",
    "fitted": "a Gaussian fitted to the codes",
}


def _facts(run: Loaded, lines: list[dict[str, Any]], sentence: str | None) -> dict[str, Any]:
    config = run.config
    height, width, channels = config["network"]["size"]
    images = ", ".join(f"{n:,} {name}" for name, n in config["images"].items())
    facts = {
        "images": f"{images}, {width}x{height} {'grey' if channels == 1 else 'colour'}",
        "networks": f"{config['network']['kind']}: "
        + ", ".join(
            f"{name} of {sum(p.numel() for p in network.parameters()):,} parameters"
            for name, network in run.networks.items()
            if any(True for _ in network.parameters())
        ),
        "latents": f"{config['latent']}, {NAMES[config['prior']]}"
        + (", and the class" if config["conditional"] else ""),
    }
    if sentence and config["job"] != "gan":  # which has a section for it
        facts["evaluation"] = sentence
    if lines:
        facts["training"] = (
            f"{lines[-1]['seconds'] / 60:.1f} minutes, "
            f"{'1 epoch' if len(lines) == 1 else f'{len(lines)} epochs'}, "
            f"seed {config['options'].get('seed', 0)}"
        )
    return facts


def _learning_text(run: Loaded, lines: list[dict[str, Any]]) -> str:
    text = LEARNING[run.config["job"]]
    judged = any("valid/kid" in line for line in lines)
    return f"{text} Protocol: {run.config.get('protocol', 'not recorded')}." if judged else text


def _samples(run: Loaded) -> Section:
    prior: Any = run.networks["prior"]
    text, classes = PRIORS[prior.kind], run.config["classes"]
    is_sheet = run.config["conditional"] and len(classes) <= MOST_ROWS
    count = COUNT // len(classes) * len(classes) if is_sheet else COUNT
    latent = prior(count, torch.Generator().manual_seed(0)).cpu()
    if not run.config["conditional"]:
        return Section("Samples", text, shown(grid(_drawn(run, latent)), "samples"))
    label = torch.arange(count) % len(classes)
    pixels = _drawn(run, latent, label)
    made = sheet(pixels, [classes[i] for i in label.tolist()]) if is_sheet else grid(pixels)
    how = "A row for each class." if is_sheet else "Classes in turn."
    return Section("Samples", f"{text} {how}", shown(made, "samples"))


def _health(lines: list[dict[str, Any]], found: dict[str, Any] | None) -> Section:
    """What went wrong, in words; the figures, and by what protocol they were read."""
    said = words(lines) if found is None else found.get("words", [])
    body = Markup("").join(Markup("<p><strong>{}</strong></p>").format(s) for s in said)
    text = "What is wrong, as far as figures tell it:" if said else HEALTHY
    if found is None:
        judged = said or any("valid/kid" in line for line in lines)
        return Section("Health", text if judged else "No figures were taken.", body)
    rows = [[name, f"{found[key]:.4g}", what] for key, (name, what) in FIGURES.items()
            if key in found]  # fmt: skip
    body += table(["figure", "", "what it is"], rows)
    body += Markup("<p>{}.</p>").format(found["protocol"])
    if "shares" in found:
        shares = [[name, f"{100 * share:.1f} %"] for name, share in found["shares"].items()]
        body += Markup("<details><summary>By class</summary>{}</details>").format(
            table(["images that look like", "share"], shares)
        )
    return Section("Health", text, body)


HEALTHY = "Nothing is wrong that figures could tell: look at the samples all the same."
FIGURES = {
    "kid": ("KID", "distance from real images, 0 is best (Binkowski et al. 2018)"),
    "fid": ("FID", "distance from real images, 0 is best (Heusel et al. 2017)"),
    "diversity": ("diversity", "1 where the images differ as much as real ones do; "
                  "well below they are alike"),
    "nearest": ("nearest", "distance from the nearest training image, 1 for a real image; "
                "far below 1 it is a copy"),
    "pixels": ("nearest in pixels", "the same of the pixels of small versions"),
    "obedience": ("obedience", "share of images that look like the class asked for"),
}  # fmt: skip


def _reconstructions(run: Loaded, reference: dict[str, Tensor]) -> Section:
    original = reference["image"][:PAIRS]
    label = _label(run, reference, len(original))
    code = codes_of(run.networks["encoder"], original, label, run.precision)
    made = pairs(original, _drawn(run, code, label))
    text = "Images it was not trained on, and below each what is left of it after its code."
    return Section("Reconstructions", text, shown(made, "reconstructions below originals"))


def _codes(run: Loaded, reference: dict[str, Tensor]) -> Section:
    label = reference.get("label") if run.config["classes"] else None
    found = cloud(reference["code"], label)
    how = (
        "Drag to move it, turn the wheel to come closer."
        if len(found.axes) < 3
        else "Drag to turn it, turn the wheel to come closer, double-click to start again."
    )
    text = f"Codes of {len(found.label):,} images it was not trained on. {found.about} {how}"
    return Section("Codes", text, scatter(found, run.config["classes"]))


def _manifold(run: Loaded, reference: dict[str, Tensor]) -> Section:
    prior: Any = run.networks["prior"]
    side = 15 if run.config["network"]["size"][0] <= 32 else 9
    corners = prior(4, torch.Generator().manual_seed(0))
    latent, about = plane(
        prior.kind, prior.mean, prior.covariance, side, reference.get("code"), corners
    )
    label = None
    if run.config["conditional"]:
        label = torch.zeros(len(latent), dtype=torch.int64)
        about += f", class {run.config['classes'][0]}"
    made = grid(_drawn(run, latent, label), side, smallest=28, gap=1)
    return Section("Manifold", f"{about[0].upper()}{about[1:]}.", shown(made, "manifold"))


def _walks(run: Loaded, reference: dict[str, Tensor]) -> Section:
    """Several walks at once, each through some latents and back to its first."""
    prior: Any = run.networks["prior"]
    count = WALKERS * STOPS
    if len(reference.get("code", ())) >= count:
        code = reference["code"]
        stops, what = code[torch.arange(count) * len(code) // count], "between codes of images"
    else:
        stops = prior(count, torch.Generator().manual_seed(1)).cpu()
        what = "between latents"
    ways = [walk(part, STEPS, prior.kind == "normal", closed=True) for part in stops.split(STOPS)]
    frames = torch.stack(ways, 1)  # (F, WALKERS, D)
    label = None
    if run.config["conditional"]:
        classes = torch.arange(WALKERS) % len(run.config["classes"])
        label = classes.repeat(len(frames))
    pixels = _drawn(run, frames.flatten(0, 1), label)
    rows = pixels.split(WALKERS)
    film = gif(torch.stack([grid(row, WALKERS, 84) for row in rows]), 90, smallest=1)
    way = "along great circles" if prior.kind == "normal" else "along straight lines"
    text = f"{WALKERS} walks {what}, {way}."
    return Section("Walks", text, image(film, "walks", None))


def _drawn(run: Loaded, latent: Tensor, label: Tensor | None = None) -> Tensor:
    return generate.draw(generate.painter(run.networks), latent, run.precision, label)


def _label(run: Loaded, reference: dict[str, Tensor], count: int) -> Tensor | None:
    return reference["label"][:count] if run.config["conditional"] else None
