"""Evaluate the generator of a finished run, from the run directory alone."""

from typing import Any, cast

import torch
from torch import Tensor

from handloom.data.images.dataset import Images
from handloom.data.io.labels import same_class
from handloom.errors import UserError
from handloom.jobs.gan.evaluator import Evaluator, restored
from handloom.jobs.gan.records import Evaluation, Record
from handloom.jobs.generation.options import LEAST
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.images.evaluation_data import evaluation_data
from handloom.jobs.loading import Loaded
from handloom.jobs.training.reporting import has_chosen
from handloom.metrics.gan_health import sample_warnings, training_warnings
from handloom.wording import pluralize

FEWEST, MOST = 2_000, 10_000  # generated images
ROWS = 250
TRUSTED = 0.8  # accuracy of the evaluator, below which its classes are not reported
CHOSEN = "; the same real images chose the best epoch"


def evaluate(
    run: Loaded[Record], data: str | None = None, options: ImageReadingOptions | None = None
) -> Evaluation:
    """Distances of generated from real images, and other metrics; needs no data.

    data: compare with these images (their test split, or all) instead of those whose features are
    saved in the run; by the same feature network.

    Returns {"data", "reference", "images" (generated), "real", "kernel_distance",
    "kernel_distance_standard_error", "frechet_distance", "diversity", "nearest", "nearest_pixels",
    "protocol", "warnings": [sentences]}; "floor": {"images", "kernel_distance",
    "frechet_distance"}, the distances of as many training images, or of all where there are fewer,
    unless these are what is compared with; and, if the evaluator is a classifier of the data,
    "shares": {class: share of the generated images}; of a conditional run also "class_accuracy":
    the share of generated images that are classified as the requested class.
    """
    evaluator, more = _compared(run, data, options)
    count = min(MOST, max(FEWEST, evaluator.record["real"]))
    features, label = _generated(run, evaluator, count)
    measured = evaluator.measured(features)
    figures: Evaluation = {
        "data": data or run.config["data"],
        "reference": evaluator.record["reference"],
        "images": count,
        "real": evaluator.record["real"],
        **cast("Evaluation", {name: round(value.item(), 6) for name, value in measured.items()}),
        "protocol": evaluator.protocol(count) + more,
    }
    if (floor := evaluator.floor(count)) is not None:
        figures["floor"] = floor
    predicted = evaluator.classify(features)
    if predicted is not None and (evaluator.accuracy or 0.0) >= TRUSTED:
        classes = evaluator.record["classes"]
        shares = torch.bincount(predicted, minlength=len(classes)) / count
        figures["shares"] = dict(zip(classes, (round(s, 6) for s in shares.tolist()), strict=True))
        if label is not None:
            figures["class_accuracy"] = round((predicted == label).float().mean().item(), 6)
    warnings = sample_warnings(figures, evaluator.record["shares"])
    warnings += training_warnings(run.directory.metrics())
    return figures | {"warnings": warnings}


def _compared(
    run: Loaded[Record], data: str | None, options: ImageReadingOptions | None
) -> tuple[Evaluator, str]:
    """The evaluator with the real images that are meant, and what is to be known of these."""
    others = None if data is None else _others(run, data, options)
    if others is not None:
        shares = _shares(run, others[0])
        return _evaluator(run).against(*others, shares), _classes(run, shares)
    evaluator = _evaluator(run).final()
    has_others = bool(evaluator.record.get("unseen"))
    return evaluator, CHOSEN if has_chosen(run) and not has_others else ""


def describe(evaluation: Evaluation) -> list[str]:
    """An evaluation in lines, with warnings."""
    classes = ""
    if "class_accuracy" in evaluation:
        classes = f", class accuracy {100 * evaluation['class_accuracy']:.1f} %"
    error = evaluation.get("kernel_distance_standard_error")  # not of an older version
    sure = "" if error is None else f" ± {error:.4f}"
    return [
        f"kernel distance {evaluation['kernel_distance']:.4f}{sure}, Frechet distance "
        f"{evaluation['frechet_distance']:.2f}, diversity {evaluation['diversity']:.2f}, nearest "
        f"training image {evaluation['nearest']:.2f}{classes}",
        *_compared_with_floor(evaluation),
        *evaluation["warnings"],
        evaluation["protocol"],
    ]


def _compared_with_floor(evaluation: Evaluation) -> list[str]:
    floor = evaluation.get("floor")
    if floor is None:
        return []
    return [
        f"for comparison, {pluralize(floor['images'], 'training image')}: kernel distance "
        f"{floor['kernel_distance']:.4f}, Frechet distance {floor['frechet_distance']:.2f}"
    ]


def _classes(run: Loaded[Record], shares: list[float] | None) -> str:
    """How often a conditional generator makes each class, where it is compared with others."""
    if not run.config["conditional"]:
        return ""
    whose = "the run's own" if shares is None else "these"
    return f"; classes are as frequent as among {whose} images"


def _shares(run: Loaded[Record], images: Images) -> list[float] | None:
    """Shares of the run's classes among labelled images of these, None of any others."""
    if images.label is None:
        return None
    known = {name: place for place, name in enumerate(run.config["classes"])}
    place = [same_class(name, known) for name in images.classes]
    count = images.label.bincount(minlength=len(place)).tolist()
    shares = [0.0] * len(known)
    for number, amount in zip(place, count, strict=True):
        if number is None:
            if amount:
                return None
        else:
            shares[number] += amount / len(images)
    return shares


def _evaluator(run: Loaded[Record]) -> Evaluator:
    tensors, record = run.directory.reference(), run.config.get("evaluator")
    if tensors is None or record is None:
        raise UserError(
            f"{run.directory.path} has no reference.safetensors, which the evaluation needs: "
            "restore it, or resume the run where its data are"
        )
    return restored(record, tensors, run.device)


def _others(
    run: Loaded[Record], data: str, options: ImageReadingOptions | None
) -> tuple[Images, str] | None:
    """The images of a set (its test split if it has one) and their name; None if they are the run's
    own data."""
    evaluated = evaluation_data(run, data, options, labelled=None)
    if evaluated.train is not None:
        return None
    images = evaluated.images
    name = data if evaluated.split == "all" else f"the {evaluated.split} split of {data}"
    if len(images) < LEAST:
        raise UserError(
            f"{data} has {pluralize(len(images), 'image')}: give at least {LEAST} to compare "
            "generated images with"
        )
    return images, name


@torch.no_grad()
def _generated(
    run: Loaded[Record], evaluator: Evaluator, count: int
) -> tuple[Tensor, Tensor | None]:
    """Features of images generated from fixed latents, (count, F + P), and, of a conditional run,
    their labels (count,), as frequent as among the real images."""
    generator: Any = run.networks["generator"]
    latent = run.networks["prior"](count, torch.Generator().manual_seed(0))
    label = evaluator.labels(count).to(run.device) if run.config["conditional"] else None
    features = []
    for rows in torch.arange(count, device=run.device).split(ROWS):
        with run.precision.autocast():
            image = generator.generate(latent[rows], None if label is None else label[rows])
        features.append(evaluator.features(image))
    return torch.cat(features), label
