"""The page of a learned filter: the kernel, how it came about, and what it leaves."""

from __future__ import annotations

from typing import Any

import torch
from markupsafe import Markup
from torch import Tensor

from handloom.data.images.drawing.grid import png
from handloom.jobs.filter.config import Config, Resolved
from handloom.jobs.filter.defaults import kernel_size
from handloom.jobs.filter.display import ShownAs, choose, visible
from handloom.jobs.filter.kernels import numbers_of
from handloom.jobs.filter.pair import Aligned
from handloom.jobs.filter.records import Evaluation, Record
from handloom.jobs.filter.verbs import (
    config_of,
    evaluate,
    filter_of,
    is_better,
    pair_of,
    residual,
    small,
)
from handloom.jobs.loading import Loaded
from handloom.jobs.pages import another_training, page, training_facts, use
from handloom.metrics.least_squares import least_squares
from handloom.models.image.linear_filter import LinearFilter
from handloom.reports.charts import Axis, Series, beside, chart
from handloom.reports.page import Facts, Page, Section, image, table
from handloom.runs.records import Metrics
from handloom.wording import percent, pluralize

ALL = 1 - 1e-6  # of the variance: what is left is rounding
SIDE, KERNEL_SIDE = 320, 96  # pixels that the longer side of an image is shown with


def report(run: Loaded[Record]) -> str:
    """The page of a run, as HTML."""
    network, aligned = filter_of(run), pair_of(run)
    evaluation = run.evaluation(Evaluation) or evaluate(run)
    facts: Facts = {
        "pixels": f"{aligned.pixels:,}",
        "optimizer": run.options(Resolved).optimizer,
        "largest difference": small(evaluation["largest"]),
    }
    return page(
        run,
        Page(
            lead=_lead(run, evaluation),
            advice=[*_advice(run, evaluation), use(run)],
            sections=[
                Section("Kernel", KERNEL, _kernel(network)),
                Section("Convergence", _rates(run, aligned), _curves(run.directory.metrics())),
                Section("Images", IMAGES, _images(network, aligned)),
            ],
            facts=facts | training_facts(run),
        ),
    )


KERNEL = (
    "The numbers that each pixel's neighbourhood is multiplied with, as they lie over the image. "
    "Mid grey is 0, white the largest magnitude, black minus that."
)
IMAGES = (
    "Before, the target, what the filter makes of the first, and the difference, each with its "
    "own scale: grey is 0 where there are values below 0."
)


def _lead(run: Loaded[Record], evaluation: Evaluation) -> list[str]:
    height, width = kernel_size(config_of(run))
    share = evaluation.get("explained")
    explained = ""
    if share is not None:
        explained = f", {percent(max(0.0, share))} of the target's variance explained"
    return [
        f"A filter of {height}x{width} was learned from one image and what it became.",
        f"It leaves {small(evaluation['residual'])} (root mean square){explained}; the best kernel "
        f"of this size, by least squares, leaves {small(evaluation['least_squares'])}.",
    ]


def _advice(run: Loaded[Record], evaluation: Evaluation) -> list[Any]:
    """Kernels that would fit better, by least squares, each with its command."""
    left, sentences = evaluation["residual"], list[Any]()
    if evaluation["undetermined"]:
        sentences.append(
            f"The image leaves {pluralize(evaluation['undetermined'], 'direction')} of the kernel "
            "open: any kernel that differs along them fits as well. Take an image with more in it."
        )
    constant = evaluation["with_constant"]
    if evaluation["bias"] is None and is_better(constant, evaluation["least_squares"]):
        sentences.append(Markup("With a constant {} would be left: {}").format(
            small(constant), another_training(run, Config, "--bias")))  # fmt: skip
    share = evaluation["explained"]
    if is_better(evaluation["least_squares"], left) and (share is None or share < ALL):
        sentences.append(Markup("It has not converged: {}").format(_longer(run)))
    if share is not None and share < 0.999:
        sentences.append(
            "What is left may be outside a larger kernel (--kernel-size), between colours "
            "(--mix-channels), or not linear at all: no convolution is a median."
        )
    return sentences


def _longer(run: Loaded[Record]) -> Markup:
    """The training that converges: by L-BFGS, or, where it was that, with more epochs. Without the
    options that were sgd's alone; `resume` takes no --epochs here."""
    options = run.options(Resolved)
    words = ["--optimizer", "lbfgs"]
    if options.optimizer == "lbfgs":
        words = ["--epochs", str(10 * options.epochs)]
    return another_training(run, Config, *words, without=("optimizer", "lr", "epochs"))


def _kernel(network: LinearFilter) -> Markup:
    parts = []
    for plane in network.kernel.detach().flatten(0, 1):
        rows = [[f"{round(value, 4) + 0:.4f}" for value in row] for row in plane.tolist()]
        numbers = table([""] * len(rows[0]), rows, False)
        parts.append(_image(plane[None], "kernel", KERNEL_SIDE, "signed") + numbers)
    if network.bias is not None:
        shown = ", ".join(f"{value:.4f}" for value in network.bias.tolist())
        parts.append(Markup("<p>Plus a constant of {}.</p>").format(shown))
    framed = Markup('<figure class="framed">{}</figure>')  # a white cell shows on a white page
    return beside([framed.format(part) for part in parts[:12]])


def _rates(run: Loaded[Record], aligned: Aligned) -> str:
    """By what an epoch of gradient descent multiplies the error along each eigenvector."""
    config = config_of(run)
    if config.optimizer != "sgd":
        return "Mean squared difference after each step over the whole image."
    assert config.lr is not None
    best = least_squares(*aligned, kernel_size(config), config.bias)
    scale = aligned.pixels * aligned.after.shape[1] if config.reduction == "sum" else 1
    values = {f"{1 - config.lr * scale * float(value):.3g}" for value in best.eigenvalues}
    factors = sorted(values, key=float)
    shown = ", ".join(factors) if len(factors) <= 9 else f"{factors[0]} to {factors[-1]}"
    return (
        "The loss is quadratic in the kernel. In every epoch the error is multiplied, along the "
        f"eigenvectors of the Hessian, by 1 - lr * eigenvalue: {shown}."
    )


def _curves(lines: list[Metrics]) -> Markup:
    """The loss and the kernel that it is of, before the update of each epoch: the numbers that
    training prints."""
    losses = [(line["epoch"], line["train/loss"]) for line in lines]
    figures = [chart("Loss", [Series("", losses)], Axis("epoch", is_whole=True),
                     Axis("", is_log=True))]  # fmt: skip
    names = [key for key in lines[0] if key.startswith("train/kernel_")][:9]
    weights = [
        Series(name.removeprefix("train/").replace("_", " "),
               [(line["epoch"], line[name]) for line in lines])
        for name in names
    ]  # fmt: skip
    if weights:
        figures.append(chart("Kernel", weights, Axis("epoch", is_whole=True), Axis("")))
    return beside(figures)


def _images(network: LinearFilter, aligned: Aligned) -> Markup:
    with torch.no_grad():
        made = network(aligned.before)
    after = choose(aligned.after.numpy(), numbers_of(network))
    planes: list[tuple[str, Tensor, ShownAs]] = [
        ("before", aligned.before, "clip"),
        ("target", aligned.after, after),
        ("filtered", made, after),
        ("difference", residual(network, aligned), "signed"),
    ]
    return beside(
        [
            Markup("<figure><figcaption>{}</figcaption>{}</figure>").format(
                name, _image(plane.flatten(0, 1)[:3], name, SIDE, shown)
            )
            for name, plane, shown in planes
        ]
    )


def _image(values: Tensor, alt: str, side: int, shown: ShownAs) -> Markup:
    """Values (C, H, W) as an image, its longer side enlarged or reduced to about `side`."""
    values = values if len(values) in (1, 3) else values[:1]
    step = max(1, max(values.shape[1:]) // (2 * side))
    rows = visible(values[:, ::step, ::step].numpy(), shown).pixels
    pixels = torch.from_numpy(rows).permute(1, 2, 0)
    factor = max(1, side // max(pixels.shape[:2]))
    pixels = pixels.repeat_interleave(factor, 0).repeat_interleave(factor, 1)
    return image(png(pixels.contiguous()), alt)
