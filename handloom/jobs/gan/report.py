"""The report of a GAN."""

from collections.abc import Mapping
from typing import Any, cast

from markupsafe import Markup

from handloom.jobs.gan.records import Evaluation, Record
from handloom.jobs.generation.report import About
from handloom.jobs.generation.report import report as page
from handloom.jobs.loading import Loaded
from handloom.metrics.gan_health import training_warnings
from handloom.reports.page import Section, table
from handloom.runs.records import Metrics
from handloom.wording import pluralize


def goodness(evaluation: Evaluation) -> str:
    """How good a GAN is, in a sentence, with what is wrong with it."""
    sentence = (
        f"Its images are {evaluation['kernel_distance']:.3g} from real ones (kernel distance; 0 is "
        f"best) and differ from each other {100 * evaluation['diversity']:.0f} % as much"
    )
    first, more = evaluation["warnings"][:1], len(evaluation["warnings"]) - 1
    rest = [f"{pluralize(more, 'more warning')} below"] if more > 0 else []
    return f"{'; '.join([sentence, *first, *rest])}."


def health(lines: list[Metrics], evaluation: Evaluation | None) -> Section:
    """A section: warnings; the figures of the evaluation, and its protocol."""
    warnings = training_warnings(lines) if evaluation is None else evaluation["warnings"]
    body = Markup("").join(Markup("<p><strong>{}</strong></p>").format(w) for w in warnings)
    text = "The figures show a problem:" if warnings else HEALTHY
    if evaluation is None:
        evaluated = warnings or any("valid/kernel_distance" in line for line in lines)
        return Section("Health", text if evaluated else "The run was not evaluated.", body)
    body += _figures(evaluation)
    body += Markup('<p class="quiet">{}.</p>').format(evaluation["protocol"])
    if "shares" in evaluation:
        shares = [[name, f"{100 * share:.1f} %"] for name, share in evaluation["shares"].items()]
        body += Markup("<details><summary>By class</summary>{}</details>").format(
            table(["classified as", "share"], shares)
        )
    return Section("Health", text, body)


def _figures(evaluation: Evaluation) -> Markup:
    """The figures, beside the distances of training images where these are known."""
    figures, floor = cast(Mapping[str, Any], evaluation), evaluation.get("floor")
    beside: Mapping[str, Any] = cast(Mapping[str, Any], floor or {})
    headings = ["figure", "", *(["training images"] if floor else []), "meaning"]
    rows = []
    for key, (name, what) in FIGURES.items():
        if key not in figures:
            continue
        error = figures.get(f"{key}_standard_error")
        shown = f"{figures[key]:.4g}" + ("" if error is None else f" ± {error:.2g}")
        least = [f"{beside[key]:.4g}" if key in beside else ""] if floor else []
        rows.append([name, shown, *least, what])
    if floor is None:
        return table(headings, rows)
    return table(headings, rows) + Markup("<p>{}</p>").format(FLOOR.format(n=floor["images"]))


FLOOR = (
    "{n:,} training images, compared with the same real ones, have the distances beside those of "
    "the generated images: a perfect generator would be as near, and only one that copies is "
    "nearer, or chance."
)
HEALTHY = "The figures show no problem. Look at the samples all the same."
FIGURES = {
    "kernel_distance": ("kernel distance", "kernel MMD to real images, 0 is best (Binkowski et al. "
                        "2018, with the features named below)"),
    "frechet_distance": ("Frechet distance", "between Gaussians fitted to the features, 0 is best "
                         "(Heusel et al. 2017, with the features named below)"),
    "diversity": ("diversity", "1: images differ as much as real ones; far below 1: they are "
                  "alike"),
    "nearest": ("nearest", "distance to the nearest training image, 1 for real images; far below "
                "1: copies"),
    "nearest_pixels": ("nearest in pixels", "the same, in pixels of thumbnails"),
    "class_accuracy": ("class accuracy", "share of images classified as the requested class"),
}  # fmt: skip


ABOUT = About(
    "A GAN",
    goodness,
    "The losses of both networks, the mean output of the discriminator, and the distances between "
    "generated and real images, for which smaller is better.",
    "All frames are generated from the same latents.",
    health=health,
)


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML."""
    about = ABOUT
    if any("valid/kernel_distance" in line for line in run.directory.metrics()):
        about = ABOUT._replace(learning=f"{ABOUT.learning} Protocol: {run.config['protocol']}.")
    return page(run, about, run.evaluation(Evaluation))
