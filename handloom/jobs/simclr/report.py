"""The page of a SimCLR run: how good its vectors are, what it compared, what is near what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from handloom.data.images.drawing.grid import grid
from handloom.jobs.pages import page, training_facts, use
from handloom.jobs.simclr.config import Resolved
from handloom.jobs.simclr.records import Evaluation
from handloom.jobs.simclr.verbs import COLLAPSED, NEAREST, NEIGHBORS
from handloom.jobs.simclr.views_sample import NAME
from handloom.reports.curves import panels
from handloom.reports.filmstrip import embed
from handloom.reports.page import Facts, Page, Section, image
from handloom.reports.scatter import cloud_of, scatter
from handloom.wording import percent, pluralize

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.jobs.loading import Loaded
    from handloom.jobs.simclr.records import Record

PANELS = [
    ("Loss", {"train/loss": "training"}),
    (f"Accuracy of {NEIGHBORS} neighbours", {"valid/knn": "validation", "test/knn": "test"}),
    ("Alignment", {"valid/alignment": "validation", "test/alignment": "test"}),
    ("Uniformity", {"valid/uniformity": "validation", "test/uniformity": "test"}),
]
LOSSES = {
    "nt-xent": "NT-Xent",
    "pairwise": "the contrastive loss of pairs",
    "triplet": "the triplet loss",
}


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML, from its directory alone."""
    reference, evaluation = run.directory.reference() or {}, run.evaluation(Evaluation)
    sections = [*_neighbors(reference), *_views(run), _learning(run), *_map(run, reference)]
    return page(
        run,
        Page(
            lead=_lead(run, evaluation),
            advice=[*_advice(evaluation), use(run), _classify(run)],
            sections=sections,
            facts=_facts(run) | training_facts(run),
        ),
    )


def _lead(run: Loaded[Record], evaluation: Evaluation | None) -> list[str]:
    config = run.config
    labels = " and their classes" if run.options(Resolved).labels else ", without their labels"
    if not config["classes"]:
        labels = ""
    count = pluralize(config["images"]["train"], "image")
    trained = f"An encoder of images learned from {count}{labels}."
    if evaluation is None:
        return [trained, "It was not evaluated."]
    sentences = [trained]
    if "knn" in evaluation:
        probe = ""
        if "linear_probe" in evaluation:
            probe = (
                f"; a linear layer on its vectors, fitted to the labels of training images, of "
                f"{percent(evaluation['linear_probe'])}"
            )
        sentences.append(
            f"The {NEIGHBORS} nearest training images name the right class of "
            f"{percent(evaluation['knn'])} of {evaluation['images']:,} images that it has not "
            f"seen{_by_pixels(evaluation)}{probe}."
        )
    sentences.append(
        f"Alignment is {evaluation['alignment']:.2f}: the mean squared distance of two views of an "
        "image, 0 where they are one point, 2 where they are as far apart as any two images. "
        f"Uniformity is {evaluation['uniformity']:.2f}: 0 where all images are one point, -3.9 "
        "where they are spread evenly. Both should be low."
    )
    return sentences


def _by_pixels(evaluation: Evaluation) -> str:
    if "knn_pixels" not in evaluation:
        return ""
    return f" (the nearest by pixels, of {percent(evaluation['knn_pixels'])})"


def _advice(evaluation: Evaluation | None) -> list[Markup]:
    if evaluation is None:
        return []
    advice = []
    if evaluation["uniformity"] > COLLAPSED:
        advice.append("All embeddings are nearly one point: train longer, or with a smaller --lr.")
    if evaluation.get("knn", 1.0) <= evaluation.get("knn_pixels", 0.0):
        advice.append("Neighbours by pixels are as good: train longer, or on more images.")
    return [Markup(sentence) for sentence in advice]


def _classify(run: Loaded[Record]) -> Markup:
    """The command that begins a classifier with this encoder."""
    from handloom.jobs.pages import command

    given = ("train", "classifier", run.job.parts(run.config["data"])[0])
    line = command(*given, "--from", str(run.directory.path))
    return Markup("With labels, a classifier begins with its weights: {}").format(line)


def _neighbors(reference: dict[str, Tensor]) -> list[Section]:
    if "neighbors" not in reference:
        return []
    rows = reference["neighbors"]
    text = f"On the left an image that was not trained on; beside it the {NEAREST} training images "
    text += "whose vectors are nearest, the nearest first."
    body = embed(grid(rows.flatten(0, 1), rows.shape[1]), "images and their nearest neighbours")
    return [Section("Neighbours", text, body)]


def _views(run: Loaded[Record]) -> list[Section]:
    file = run.directory.path / "samples" / NAME
    if not file.exists():
        return []
    text = (
        "Two views of each image, one below the other, as training compares them. Whatever differs "
        "between them is what the vectors learn to ignore; where they show nothing in common, make "
        "--crop larger or --color smaller."
    )
    return [Section("Views", text, image(file.read_bytes(), "two views of each image"))]


def _learning(run: Loaded[Record]) -> Section:
    text = "The loss depends on the size of a batch. Labels, where known, only measure."
    if run.options(Resolved).labels:
        text = (
            "The loss depends on the size of a batch. Labels of training images are learned from."
        )
    return Section("Learning", text, panels(run.directory.metrics(), PANELS))


def _map(run: Loaded[Record], reference: dict[str, Tensor]) -> list[Section]:
    if len(reference.get("latent", ())) < 3:
        return []
    label = reference.get("label") if run.config["classes"] else None
    cloud = cloud_of(reference["latent"], label)
    drag = "move" if len(cloud.axes) < 3 else "rotate"
    text = f"Vectors of {pluralize(len(cloud.label), 'image')} not used for training. {cloud.about}"
    text += f" Drag to {drag}, scroll to zoom, double-click to reset."
    return [Section("Map", text, scatter(cloud, run.config["classes"]))]


def _facts(run: Loaded[Record]) -> Facts:
    config = run.config
    height, width, channels = config["network"]["size"]
    images = ", ".join(f"{n:,} {name}" for name, n in config["images"].items())
    network = run.networks["network"]
    head = sum(p.numel() for p in network.get_submodule("head").parameters())
    count = sum(p.numel() for p in network.parameters())
    loss = LOSSES[run.options(Resolved).loss]
    return {
        "images": f"{images}, {width}x{height} {'grey' if channels == 1 else 'colour'}",
        "network": f"{config['options']['network']} with {count - head:,} parameters, and a "
        f"projection with {head:,}, which only the training uses",
        "loss": f"supervised contrastive, {loss}" if run.options(Resolved).labels else loss,
    }
